/// Where the console gets what it shows.
public protocol ConsoleSource: Sendable {
    /// The status now. Called at most once a second, never twice at a time; must not block an event loop.
    ///
    /// A Ledger that cannot be read is part of a status (`ConsoleStatus.ledger`), not an error: mail may well be taken meanwhile.
    func status() async throws -> ConsoleStatus
}
