/// How a rehearsal went.
public struct RehearsalReport: Sendable {
    /// What was done in one account.
    public struct Account: Sendable {
        public var target: String
        public var login: String
        /// Primary addresses of the mailboxes whose mail was copied.
        public var mailboxes: [String]
        public var messages = 0
        public var bytes = 0
        /// Copies that the folder gave back as they were put there, or changed in the one way that the server is known for.
        public var verified = 0
        /// These changed ones.
        public var normalised = 0
        /// What was changed; the first ones.
        public var changes: [String] = []
        /// Copies that it gave back otherwise, or not at all.
        public var different = 0
        /// Messages that the server would not take, with its words; the first ones.
        public var refusals: [String] = []
        public var refused = 0
        /// Why it could not be done, or not to its end.
        public var problem: String?
        /// That is: the target could not be reached, or went away.
        public var isUnreachable = false
        /// What was put there is gone again. False: `rehearse --clean` must be run.
        public var isClean = true
        /// Until the first copy went: connection, login, folder.
        public var setup = Duration.zero
        /// While copies were put there and read back.
        public var copying = Duration.zero
    }

    /// How long all held mail of the selection will take on one target.
    public struct Forecast: Sendable {
        public var target: String
        public var mailboxes: Int
        public var messages: Int
        public var bytes: Int
        public var connections: Int
        /// Over all connections.
        public var messagesPerSecond: Double
        public var time: Duration
    }

    public var accounts: [Account]
    /// For each target on which something could be measured.
    public var forecasts: [Forecast]

    public var isClean: Bool { accounts.allSatisfy(\.isClean) }
    public var isSound: Bool { accounts.allSatisfy { $0.problem == nil && $0.different == 0 && $0.refused == 0 } }
    /// It is sound but for targets that cannot be reached.
    public var isUnreachable: Bool {
        !isSound
            && accounts.allSatisfy { $0.isUnreachable || $0.problem == nil && $0.different == 0 && $0.refused == 0 }
    }
    /// The targets work side by side.
    public var time: Duration? { forecasts.map(\.time).max() }
}
