public import MailModel

/// Everything that the console shows, at one moment.
public struct ConsoleStatus: Hashable, Sendable {
    public var takenAt: Timestamp
    /// When this process began.
    public var startedAt: Timestamp
    /// The name of this host in SMTP.
    public var hostname: String
    public var version: String
    /// What a person should know that needs no act, such as a library with a known bug that is worked around. One sentence each.
    public var notices: [String]
    /// Nil where the receiver is another process.
    public var receiver: ReceiverFigures?
    public var disk: DiskFigures
    /// Nil where replay is another process, or none runs.
    public var replay: ReplayFigures?
    public var ledger: LedgerReading

    public init(
        takenAt: Timestamp, startedAt: Timestamp, hostname: String, version: String, notices: [String] = [],
        receiver: ReceiverFigures?, disk: DiskFigures, replay: ReplayFigures?, ledger: LedgerReading
    ) {
        self.takenAt = takenAt
        self.startedAt = startedAt
        self.hostname = hostname
        self.version = version
        self.notices = notices
        self.receiver = receiver
        self.disk = disk
        self.replay = replay
        self.ledger = ledger
    }
}
