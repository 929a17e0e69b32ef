public import MailModel

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

    /// Each message once, where it was put.
    public var present = 0
    /// Once, in another place: somebody has moved it.
    public var moved = 0
    /// Nowhere: its owner has deleted it, or a tool has.
    public var missing = 0
    public var doubles: [Doubled] = []
    /// Copies in accounts that could not be asked.
    public var notAsked = 0
    /// Mailboxes that could not be asked, and why.
    public var problems: [ReplayReport.Problem] = []
    /// Folders that the server did not open, as `address: folder`: what is missing may be there.
    public var closedFolders: [String] = []

    public init() {}

    mutating func add(_ other: LiveProof) {
        present += other.present
        moved += other.moved
        missing += other.missing
        doubles += other.doubles
        notAsked += other.notAsked
        problems += other.problems
        closedFolders += other.closedFolders
    }
}
