import MailModel

/// What a person allows a target to be given, below what the configuration allows. Nil: as configured.
public struct Throttle: Hashable, Sendable {
    public var target: String
    /// Mailboxes worked on at once.
    public var connections: Int?
    public var messagesPerSecond: Int?
    public var bytesPerSecond: Int?

    public init(target: String, connections: Int? = nil, messagesPerSecond: Int? = nil, bytesPerSecond: Int? = nil) {
        self.target = target
        self.connections = connections
        self.messagesPerSecond = messagesPerSecond
        self.bytesPerSecond = bytesPerSecond
    }

    /// Nothing is held back.
    public var isOpen: Bool { connections == nil && messagesPerSecond == nil && bytesPerSecond == nil }
}

extension Throttle {
    /// `4 connections, 100 messages/s, 1 MiB/s`, or `as configured`.
    public var words: String {
        let parts = [
            connections.map { "\($0) \($0 == 1 ? "connection" : "connections")" },
            messagesPerSecond.map { "\($0) messages/s" }, bytesPerSecond.map { "\(ByteCount($0))/s" },
        ]
        return isOpen ? "as configured" : parts.compactMap(\.self).joined(separator: ", ")
    }
}
