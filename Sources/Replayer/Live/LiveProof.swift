public import MailModel
public import Spool

/// What the target servers themselves say of the copies that the Ledger calls delivered.
public struct LiveProof: Sendable {
    /// A copy's place in an account.
    public struct Place: Hashable, Sendable {
        public var folder: String
        public var uidValidity: UInt32
        public var uid: UInt32
    }

    /// A message of which a mailbox has more than one true copy.
    public struct Doubled: Sendable {
        public var id: MessageID
        public var mailbox: String
        public var places: [Place]
    }

    /// A copy by its message and the mailbox's primary address.
    public struct Copy: Hashable, Sendable {
        public var id: MessageID
        public var mailbox: String
    }

    /// Each message once, where it was put.
    public var present = 0
    /// Once, in another place: somebody has moved it.
    public var moved = 0
    /// Nowhere: its owner has deleted it, or a tool has.
    public var missing = 0
    public var doubles: [Doubled] = []
    /// The missing ones by name.
    public var missingCopies: [Copy] = []
    /// What the look has settled and nobody has journaled yet: copies compared at last, doubts that are over, copies found twice or nowhere.
    public var acts: [JournalAct] = []
    /// Compared now, where no replay had come to it.
    public var verified = 0
    /// Doubtful before, and not there twice.
    public var cleared = 0
    /// Missing, and never seen there by anybody: the server has said OK to them, and that is all that is known.
    public var neverSeen = 0
    /// Copies in accounts that could not be asked.
    public var notAsked = 0
    /// Mailboxes that could not be asked, and why.
    public var problems: [ReplayReport.Problem] = []
    /// Folders that the server did not open, as `address: folder`: what is missing may be there.
    public var closedFolders: [String] = []
    /// Folders of whose messages the server has not told all, likewise.
    public var untoldFolders: [String] = []
    /// Mailboxes of which more is gone than users delete: a tool that mirrors, as `doveadm backup` does, may have undone the replay.
    public var emptiedMailboxes: [String] = []

    public init() {}

    mutating func add(_ other: LiveProof) {
        present += other.present
        moved += other.moved
        missing += other.missing
        doubles += other.doubles
        missingCopies += other.missingCopies
        acts += other.acts
        verified += other.verified
        cleared += other.cleared
        neverSeen += other.neverSeen
        notAsked += other.notAsked
        problems += other.problems
        closedFolders += other.closedFolders
        untoldFolders += other.untoldFolders
        emptiedMailboxes += other.emptiedMailboxes
    }

    /// What is known now may be newer than the look: no doubt is over by it.
    mutating func keepDoubts() {
        acts.removeAll { if case .doubtCleared = $0 { true } else { false } }
        cleared = 0
    }
}
