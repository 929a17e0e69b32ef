/// A cutover wave and how far it is.
public struct WaveFigures: Hashable, Sendable {
    public var name: String
    public var isClosed: Bool
    public var mailboxes: Int
    /// Mailboxes that are cut over.
    public var cutOver: Int
    public var held: Int
    public var delivered: Int
    public var verified: Int
    public var failed: Int

    public init(
        name: String, isClosed: Bool, mailboxes: Int, cutOver: Int, held: Int = 0, delivered: Int = 0,
        verified: Int = 0, failed: Int = 0
    ) {
        self.name = name
        self.isClosed = isClosed
        self.mailboxes = mailboxes
        self.cutOver = cutOver
        self.held = held
        self.delivered = delivered
        self.verified = verified
        self.failed = failed
    }
}
