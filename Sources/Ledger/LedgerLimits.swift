/// The sizes that the Ledger is tuned to, each with its reason.
enum LedgerLimits {
    /// Messages in one write transaction: enough that each touched index page is written for many rows, few enough that
    /// a waiting command gets the lock within some tenths of a second.
    static let messagesPerTransaction = 4_096
    /// Journal entries read at a time; an intent may carry a hundred messages with their head lines.
    static let actsPerTransaction = 512
    /// Rows changed before the writer checkpoints: pages that are changed again and again go to the file once.
    static let rowsBetweenCheckpoints = 120_000
    /// Octets of WAL that a catch-up may leave behind: the next process to open the Ledger reads all of them first, 4 MiB in
    /// some 3 ms.
    static let walLeftBehind = 4 << 20
    /// Interned strings kept in memory by the writer, for each kind: about 10 MB at the most.
    static let internedStringsInMemory = 65_536
    /// Message-ID hashes gathered in the small recent table before they are merged, sorted, into the large one.
    static let recentMessageIDs = 131_072
    /// Recipients that one question looks up one by one, before it reads the table of all.
    static let recipientsLookedUp = 256
    /// Addresses of which a proof remembers whether they are meant: some 40 MB.
    static let recipientsRemembered = 262_144
    /// The writer's page cache, in KiB: the hot ends of all indexes at ten million messages.
    static let writerCacheKiB = 98_304
    /// A reader's page cache, in KiB.
    static let readerCacheKiB = 16_384
    /// Connections that read at once.
    static let readers = 4
    /// How long a reader waits for another process that is recovering the WAL, in seconds.
    static let busyTimeoutSeconds = 10.0
    /// Messages in one page that is read ahead: their headers, 64 KiB each at the most, are in memory together.
    static let messagesReadAtOnce = 1_024
    /// Pages that wait while another is written: enough that neither side waits for the other's hiccups.
    static let pagesReadAhead = 4
    /// Message-ID hashes sorted together when a Ledger is built: 64 MB.
    static let hashesSortedAtOnce = 4_194_304
    /// Counts gathered when a Ledger is built, before they are written: some 20 MB.
    static let talliesInMemory = 131_072
    /// Interned strings kept in memory while a Ledger is built, for each kind: some 40 MB.
    static let internedStringsWhenBuilding = 262_144
    /// With more messages than these to read and none read yet, a Ledger is built, not followed into.
    static let messagesWorthBuilding = 20_000
    /// Differences between index and spool that are named one by one; more are counted.
    static let differencesNamed = 100
    /// Faults that SQLite is asked to name of a damaged file.
    static let faultsNamed = 10
    /// Unicode scalars kept of a subject.
    static let subjectScalars = 500
    /// Octets kept of a Message-ID; RFC 5322 lines are at most 998.
    static let messageIDOctets = 998
    /// Header octets that are searched for Subject and Message-ID.
    static let headerOctets = 65_536
    /// Bits of a delivery's key that number the recipients of one message.
    static let recipientBits: Int64 = 20
    /// Per-address look-ups tried before the held mail of a mailbox with very many addresses is found in one query.
    static let addressesMergedOneByOne = 64
}
