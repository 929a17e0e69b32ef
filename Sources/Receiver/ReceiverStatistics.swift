import Synchronization

/// What the receiver has done since its start, for metrics and status.
public final class ReceiverStatistics: Sendable {
    private let sessionsNow = Atomic<Int>(0)
    private let sessionsTotal = Atomic<Int>(0)
    private let sessionsRefused = Atomic<Int>(0)
    private let messagesAccepted = Atomic<Int>(0)
    private let bytesAccepted = Atomic<Int>(0)
    private let messagesRefused = Atomic<Int>(0)
    private let recipientsRefused = Atomic<Int>(0)

    public init() {}

    /// The counts at one moment.
    public struct Snapshot: Sendable, Hashable {
        public var sessionsNow: Int
        public var sessionsTotal: Int
        public var sessionsRefused: Int
        public var messagesAccepted: Int
        public var bytesAccepted: Int
        public var messagesRefused: Int
        public var recipientsRefused: Int
    }

    public var snapshot: Snapshot {
        Snapshot(
            sessionsNow: sessionsNow.load(ordering: .relaxed), sessionsTotal: sessionsTotal.load(ordering: .relaxed),
            sessionsRefused: sessionsRefused.load(ordering: .relaxed),
            messagesAccepted: messagesAccepted.load(ordering: .relaxed),
            bytesAccepted: bytesAccepted.load(ordering: .relaxed),
            messagesRefused: messagesRefused.load(ordering: .relaxed),
            recipientsRefused: recipientsRefused.load(ordering: .relaxed))
    }

    func open(isWelcome: Bool) {
        sessionsNow.add(1, ordering: .relaxed)
        sessionsTotal.add(1, ordering: .relaxed)
        if !isWelcome { sessionsRefused.add(1, ordering: .relaxed) }
    }

    func close() { sessionsNow.subtract(1, ordering: .relaxed) }

    func accept(bytes: Int) {
        messagesAccepted.add(1, ordering: .relaxed)
        bytesAccepted.add(bytes, ordering: .relaxed)
    }

    func refuseMessage() { messagesRefused.add(1, ordering: .relaxed) }
    func refuseRecipient() { recipientsRefused.add(1, ordering: .relaxed) }
}
