/// What a reclaim is asked to do.
public struct ReclaimOptions: Sendable {
    /// How long bytes stay after the wave was closed.
    public var retention: Duration
    /// Look and ask, and change nothing.
    public var isDryRun: Bool
    /// A person knows why copies have vanished, and gives the bytes up all the same.
    public var acceptsVanished: Bool

    public init(retention: Duration, isDryRun: Bool = false, acceptsVanished: Bool = false) {
        self.retention = retention
        self.isDryRun = isDryRun
        self.acceptsVanished = acceptsVanished
    }
}

/// What became of one segment.
public struct ReclaimedSegment: Sendable {
    public enum Action: Hashable, Sendable {
        case removed
        /// Written anew with so many messages.
        case compacted(kept: Int)
        case stays(why: String)
    }

    public var number: Int
    /// Bytes of the file before.
    public var size: Int
    public var action: Action
    /// Messages whose bytes went.
    public var messages = 0
    /// Bytes given back, large files with them.
    public var freed = 0
}

/// What asking a mailbox for the copies in it has shown.
public struct ReclaimedMailbox: Sendable {
    public var address: String
    public var target: String
    public var login: String
    /// Copies whose stored bytes were about to go.
    public var asked = 0
    /// Copies that are in no folder where they were looked for.
    public var missing = 0
    /// Why it could not be asked.
    public var error: ReplayError?
    /// More is missing than users delete: nothing of it was given back.
    public var isAlarming = false
}

/// How a reclaim ended.
public struct ReclaimReport: Sendable {
    public var segments: [ReclaimedSegment] = []
    /// Those that were asked, by target and login.
    public var mailboxes: [ReclaimedMailbox] = []

    public var freed: Int { segments.reduce(0) { $0 + $1.freed } }
    public var messages: Int { segments.reduce(0) { $0 + $1.messages } }
    /// Mailboxes of which nothing was given back because too many copies have vanished.
    public var alarming: [ReclaimedMailbox] { mailboxes.filter(\.isAlarming) }
    /// Mailboxes that could not be asked.
    public var unreachable: [ReclaimedMailbox] { mailboxes.filter { $0.error != nil } }
}
