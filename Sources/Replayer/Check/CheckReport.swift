public import MailModel

/// What trying every login has shown.
public struct CheckReport: Sendable {
    /// Something that will fail on the weekend, or may.
    public struct Finding: Sendable {
        /// Nil where the target itself is meant.
        public var mailbox: String?
        public var target: String
        /// `credentials`, `over-quota`, `too-big`, `no-mailbox`, `no-permission`, `certificate`, `unavailable`, `no-target`…
        public var errorClass: String
        /// What is wrong, in numbers and the server's words.
        public var words: String
        /// Mailboxes that it concerns.
        public var mailboxes = 1
        /// It need not be mended before mail can go.
        public var isWarning = false
    }

    /// What was learned of a target.
    public struct Target: Sendable {
        public var name: String
        /// The server by its own words in the ID command; nil where nobody could log in.
        public var server: String?
        /// When its certificate ends; nil without TLS.
        public var certificateEnds: Timestamp?
        /// Mailboxes of which the login was tried.
        public var tried = 0
        /// Of these, the ones into which all their held mail can go.
        public var sound = 0
        /// Mailboxes that were not tried: the target was down, or refused everybody.
        public var notTried = 0
        /// The largest message that it says it takes; nil where it says nothing.
        public var appendLimit: ByteCount?
    }

    public var targets: [Target] = []
    public var findings: [Finding] = []

    public init() {}

    /// Mailboxes into which their mail can not go now.
    public var failing: Int { findings.reduce(0) { $0 + ($1.isWarning || $1.mailbox == nil ? 0 : 1) } }
    public var hasFailures: Bool { findings.contains { !$0.isWarning } }
}
