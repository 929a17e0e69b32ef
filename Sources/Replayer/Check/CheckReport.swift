public import MailModel

/// What trying every login has shown.
public struct CheckReport: Sendable {
    /// Something that will fail on the weekend, or may.
    public struct Finding: Sendable {
        /// Nil where the target itself is meant, or this host.
        public var mailbox: String?
        /// Empty where this host is meant.
        public var target: String
        /// `credentials`, `over-quota`, `too-big`, `no-mailbox`, `no-permission`, `certificate`, `unavailable`, `no-target`…; of this host
        /// `disk`, `own-certificate`, `foreign-domain`.
        public var errorClass: String
        /// What is wrong, in numbers and the server's words.
        public var words: String
        /// Mailboxes that it concerns.
        public var mailboxes = 1
        /// It need not be mended before mail can go.
        public var isWarning = false

        /// Something that was found on this host.
        public static func ofThisHost(_ errorClass: String, _ words: String, isWarning: Bool) -> Finding {
            Finding(target: "", errorClass: errorClass, words: words, mailboxes: 0, isWarning: isWarning)
        }

        public var isOfThisHost: Bool { target.isEmpty }
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

    /// Mailboxes into which their mail can not go now: those that are named, and those that a target stands for.
    public var failing: Int {
        let failures = findings.filter { !$0.isWarning }
        let named = Set(failures.compactMap { finding in finding.mailbox.map { [finding.target, $0] } })
        return named.count + failures.reduce(0) { $0 + ($1.mailbox == nil ? $1.mailboxes : 0) }
    }

    /// Mailboxes that the check was about, tried or not.
    public var mailboxes: Int { targets.reduce(0) { $0 + $1.tried + $1.notTried } }
    public var hasFailures: Bool { findings.contains { !$0.isWarning } }
}
