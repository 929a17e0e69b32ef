/// What the receiver of this process does. The counts begin with the process.
public struct ReceiverFigures: Hashable, Sendable {
    /// It listens.
    public var isRunning: Bool
    /// Why the spool takes no mail; nil while it does.
    public var spoolFailure: String?
    public var sessionsNow = 0
    public var sessionsTotal = 0
    public var sessionsRefused = 0
    public var messagesAccepted = 0
    public var bytesAccepted = 0
    public var messagesRefused = 0
    public var recipientsRefused = 0

    public init(isRunning: Bool, spoolFailure: String? = nil) {
        self.isRunning = isRunning
        self.spoolFailure = spoolFailure
    }
}
