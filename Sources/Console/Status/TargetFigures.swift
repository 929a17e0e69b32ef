/// One target, as replay sees it.
public struct TargetFigures: Hashable, Sendable {
    /// The `[targets.NAME]` of the configuration.
    public var name: String
    public var connectionsInUse: Int
    /// As many connections as there may be now; errors lower it.
    public var connectionCeiling: Int
    /// Messages a second, lately.
    public var messagesPerSecond: Double
    /// Nil once the target answers again.
    public var lastError: String?

    public init(
        name: String, connectionsInUse: Int, connectionCeiling: Int, messagesPerSecond: Double = 0,
        lastError: String? = nil
    ) {
        self.name = name
        self.connectionsInUse = connectionsInUse
        self.connectionCeiling = connectionCeiling
        self.messagesPerSecond = messagesPerSecond
        self.lastError = lastError
    }
}
