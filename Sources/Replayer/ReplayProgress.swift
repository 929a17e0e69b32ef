import Synchronization

/// What a replay has done so far, for a progress bar, a log line a minute, and the end report.
public final class ReplayProgress: Sendable {
    /// The counts at one moment. Messages, save where it says otherwise.
    public struct Counts: Hashable, Sendable {
        public var delivered = 0
        public var verified = 0
        /// Of the verified: in a form that the server is known to make.
        public var normalised = 0
        public var merged = 0
        public var failed = 0
        public var doubtful = 0
        /// Octets delivered.
        public var bytes = 0
        public var mailboxesDone = 0

        public init() {}
    }

    private let counts = Mutex(Counts())

    public init() {}

    public var now: Counts { counts.withLock { $0 } }

    func add(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }
}
