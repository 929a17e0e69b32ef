/// The tables of the Ledger. Everything in them is derived from the spool, so a new version never migrates: it
/// rebuilds.
///
/// - `delivery.id` is `message.seq << 20 | n` for the message's n-th recipient: the deliveries of a message lie
///   together, and an index on `recipient` is in the order of arrival without a second column.
/// - `placement` holds what was done with a delivery; it has no row before the first intent, so held mail stays small.
/// - `tally` counts deliveries by recipient, mailbox (0: undecided), state and doubt, so that a listing need not scan.
/// - `sender.key` is the sender as he was written, case and all; `sender_folded` finds those that are not in lower case.
/// - `message.junk` is the verdict of a gateway whose word counts: at replay the message goes into the junk folder.
/// - `message.reclaimed_at` is set where the bytes were given back: history outlives content. `open_reclaim` names segments of which
///   that is journaled and not yet done.
/// - `throttle` holds what a person allows each target, where that is less than the configuration does.
/// - `blocked` holds the mailboxes that can take nothing now, and why; `mailbox.retry_act` the last act by which a person wanted it
///   tried at once; `open_rehearsal` what a rehearsal may still have to clean up.
/// - `lost_message` holds the messages that acts name and the spool has not: neither a record nor an act that says that they were
///   given back; with the last act that names each.
/// - Message-IDs are indexed by a 64-bit hash in two tables: `message_id_recent` takes new ones while it fits in memory
///   and is merged, in sorted order, into `message_id_hash`, whose pages are then touched once for many rows.
enum LedgerSchema {
    /// Raised with every change of a table or of what projection writes.
    static let version = 7
    /// `LAYO`, in the file's header: no other program's database is taken for a Ledger.
    static let applicationID = 0x4c41_594f

    /// `intent_entry.is_open`: 1 while it is neither delivered nor taken back; then the row goes, or says what a server may still show.
    static let entryTakenBack = 0
    static let entryNeverSent = 2

    /// The tables, and the indexes that projection itself asks.
    static let tables = tableStatements + restoreTables + indexesOfProjection
    /// The indexes that only questions ask. Where a Ledger is built, they come last.
    static let indexesOfQuestions = """
        CREATE INDEX message_sender ON message (sender);
        CREATE INDEX sender_folded ON sender (lower(key)) WHERE key <> lower(key);
        CREATE INDEX message_received ON message (received_at);
        CREATE INDEX delivery_recipient ON delivery (recipient);
        CREATE INDEX delivery_held ON delivery (recipient) WHERE state = 0;
        CREATE INDEX placement_pending ON placement (mailbox, pending) WHERE pending IS NOT NULL;

        """

    private static let tableStatements = """
        CREATE TABLE progress (
            id INTEGER PRIMARY KEY CHECK (id = 1), segment INTEGER NOT NULL, offset INTEGER NOT NULL,
            journal_file INTEGER NOT NULL, journal_offset INTEGER NOT NULL, act INTEGER NOT NULL, message INTEGER NOT
            NULL,
            roster_version INTEGER NOT NULL, recent_ids INTEGER NOT NULL, skipped_acts INTEGER NOT NULL,
            unmatched INTEGER NOT NULL, damage INTEGER NOT NULL);
        CREATE TABLE sender (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
        CREATE TABLE recipient (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
        CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE message (
            seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, segment INTEGER NOT NULL, offset INTEGER NOT NULL,
            end_segment INTEGER NOT NULL, end_offset INTEGER NOT NULL, length INTEGER NOT NULL, is_large INTEGER NOT
            NULL,
            received_at INTEGER NOT NULL, sender INTEGER NOT NULL, client INTEGER NOT NULL, helo INTEGER NOT NULL,
            transmission INTEGER NOT NULL, tls INTEGER, normalized INTEGER NOT NULL, recipients INTEGER NOT NULL,
            sha256 BLOB NOT NULL, subject TEXT, message_id TEXT, reclaimed_at INTEGER, junk INTEGER NOT NULL);
        CREATE TABLE delivery (id INTEGER PRIMARY KEY, recipient INTEGER NOT NULL, state INTEGER NOT NULL);
        CREATE TABLE placement (
            delivery INTEGER PRIMARY KEY, mailbox INTEGER, target INTEGER, batch INTEGER, attempts INTEGER NOT NULL,
            doubtful INTEGER NOT NULL, pending INTEGER, uid INTEGER, uidvalidity INTEGER, delivered_at INTEGER,
            verified_at INTEGER, finding TEXT, digest BLOB, length INTEGER, last_error TEXT);
        CREATE TABLE tally (
            recipient INTEGER NOT NULL, mailbox INTEGER NOT NULL, state INTEGER NOT NULL, doubtful INTEGER NOT NULL,
            count INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (recipient, mailbox, state, doubtful)) WITHOUT
            ROWID;
        CREATE TABLE message_id_hash (hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hash, seq)) WITHOUT
        ROWID;
        CREATE TABLE message_id_recent (hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hash, seq)) WITHOUT
        ROWID;
        CREATE TABLE mailbox (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, address TEXT NOT NULL, login TEXT NOT NULL, target TEXT
            NOT NULL,
            wave TEXT NOT NULL, aliases TEXT NOT NULL, kind TEXT NOT NULL, folder TEXT NOT NULL, cutover_at INTEGER,
            paused INTEGER NOT NULL, removed INTEGER NOT NULL, retry_act INTEGER NOT NULL DEFAULT 0,
            assigned TEXT NOT NULL DEFAULT '');
        CREATE TABLE blocked (
            mailbox INTEGER PRIMARY KEY, class TEXT NOT NULL, text TEXT NOT NULL, since INTEGER NOT NULL);
        CREATE TABLE open_rehearsal (
            run BLOB NOT NULL, target TEXT NOT NULL, login TEXT NOT NULL, mailbox TEXT NOT NULL, folder TEXT NOT NULL,
            makes_folder INTEGER NOT NULL, messages INTEGER NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (run, target, login, mailbox)) WITHOUT ROWID;
        CREATE TABLE mailbox_address (address TEXT PRIMARY KEY, mailbox INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE wave (name TEXT PRIMARY KEY, closed_at INTEGER, closed_by TEXT, why TEXT) WITHOUT ROWID;
        CREATE TABLE throttle (
            target TEXT PRIMARY KEY, connections INTEGER, messages INTEGER, bytes INTEGER, at INTEGER NOT NULL,
            who TEXT NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE intent (
            key INTEGER PRIMARY KEY, batch BLOB NOT NULL UNIQUE, mailbox INTEGER NOT NULL, target TEXT NOT NULL, login
            TEXT NOT NULL,
            folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, at INTEGER NOT NULL,
            unresolved INTEGER NOT NULL);
        CREATE TABLE intent_entry (
            intent INTEGER NOT NULL, ordinal INTEGER NOT NULL, id BLOB NOT NULL, recipient TEXT NOT NULL, merged TEXT
            NOT NULL,
            head BLOB NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL, is_open INTEGER NOT NULL,
            PRIMARY KEY (intent, ordinal)) WITHOUT ROWID;
        CREATE TABLE open_reclaim (segment INTEGER PRIMARY KEY);
        CREATE TABLE act (
            sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, batch BLOB, what
            TEXT NOT NULL,
            why TEXT NOT NULL);
        CREATE TABLE act_mailbox (mailbox INTEGER NOT NULL, act INTEGER NOT NULL, PRIMARY KEY (mailbox, act)) WITHOUT
        ROWID;
        CREATE TABLE act_message (message INTEGER NOT NULL, act INTEGER NOT NULL, PRIMARY KEY (message, act)) WITHOUT
        ROWID;
        CREATE TABLE lost_message (id BLOB PRIMARY KEY, act INTEGER NOT NULL) WITHOUT ROWID;

        """

    private static let indexesOfProjection = """
        CREATE INDEX intent_open ON intent (mailbox) WHERE unresolved > 0;
        CREATE INDEX mailbox_wave ON mailbox (wave) WHERE removed = 0;
        INSERT INTO progress VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        """
}
