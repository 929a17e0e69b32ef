public import MailModel

/// Every limit of the spool, with its reason.
public struct SpoolLimits: Sendable {
    /// A segment is closed once it is this long: recovery reads at most one, and a reclaim frees in steps of one.
    public var segmentSize = ByteCount.mib(64)
    /// Messages beyond this stream to a file of their own, so that they neither fill memory nor hold the writer up.
    public var largeThreshold = ByteCount.mib(1)
    /// At most so many bytes are written before one sync, so that a group's first message need not wait for too many others.
    public var groupSize = ByteCount.mib(16)
    /// At most so many messages share a sync.
    public var groupMessages = 1_000
    /// A journal file is closed once it is this long: a process that opens the journal reads at most one whole.
    public var journalSize = ByteCount.mib(16)
    /// The envelope of a record: 1,000 recipients of the longest form need 270 KiB.
    public var envelopeSize = ByteCount.mib(4)

    /// The content of one act: a cutover of 1,000,000 mailboxes needs some 50 MiB.
    public var actSize = ByteCount.mib(64)

    /// Readers that ask for the head of a message get at most so much of it.
    public static let headerPrefix = 64 << 10

    public init() {}
}
