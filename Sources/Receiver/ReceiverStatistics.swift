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
    private let bytesDiscarded = Atomic<Int>(0)
    private let tlsFailures = Atomic<Int>(0)
    /// What happens seldom enough for one lock.
    private let seldom = Mutex(Seldom())

    private struct Seldom {
        var refusals: [UInt16: Int] = [:]
        var limits: [ReceiverLimit: Int] = [:]
        var tlsVersions: [String: Int] = [:]
        var unasked: [DNSPurpose: Int] = [:]
    }

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
        /// Octets of messages that were read and not taken.
        public var bytesDiscarded: Int
        public var tlsFailures: Int
        /// Replies 4xx and 5xx by their code.
        public var refusals: [UInt16: Int]
        /// How often each limit was reached, under its name in the configuration.
        public var limits: [String: Int]
        /// Handshakes by version, such as `TLSv1.3`.
        public var tlsVersions: [String: Int]
        /// Questions to the DNS that found no place, by what they were for: `blocklists` and `names`.
        public var unaskedQuestions: [String: Int]
    }

    public var snapshot: Snapshot {
        let seldom = seldom.withLock { $0 }
        return Snapshot(
            sessionsNow: sessionsNow.load(ordering: .relaxed), sessionsTotal: sessionsTotal.load(ordering: .relaxed),
            sessionsRefused: sessionsRefused.load(ordering: .relaxed),
            messagesAccepted: messagesAccepted.load(ordering: .relaxed),
            bytesAccepted: bytesAccepted.load(ordering: .relaxed),
            messagesRefused: messagesRefused.load(ordering: .relaxed),
            recipientsRefused: recipientsRefused.load(ordering: .relaxed),
            bytesDiscarded: bytesDiscarded.load(ordering: .relaxed), tlsFailures: tlsFailures.load(ordering: .relaxed),
            refusals: seldom.refusals,
            limits: Dictionary(
                uniqueKeysWithValues: ReceiverLimit.allCases.map { ($0.rawValue, seldom.limits[$0] ?? 0) }),
            tlsVersions: seldom.tlsVersions,
            unaskedQuestions: Dictionary(
                uniqueKeysWithValues: DNSPurpose.allCases.map { ($0.rawValue, seldom.unasked[$0] ?? 0) }))
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
    func discard(bytes: Int) { bytesDiscarded.add(bytes, ordering: .relaxed) }
    func failTLS() { tlsFailures.add(1, ordering: .relaxed) }

    func refuse(code: UInt16) { seldom.withLock { $0.refusals[code, default: 0] += 1 } }
    func leaveUnasked(_ purpose: DNSPurpose) { seldom.withLock { $0.unasked[purpose, default: 0] += 1 } }
    func reach(_ limit: ReceiverLimit) { seldom.withLock { $0.limits[limit, default: 0] += 1 } }

    /// - Parameter description: version and cipher; the version counts.
    func beginTLS(_ description: String) {
        let version = String(description.prefix { $0 != " " })
        seldom.withLock { $0.tlsVersions[version, default: 0] += 1 }
    }
}
