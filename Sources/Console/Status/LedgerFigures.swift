public import MailModel

/// What the Ledger knows.
public struct LedgerFigures: Hashable, Sendable {
    public var deliveries: DeliveryFigures
    /// Octets of the messages of held deliveries.
    public var heldBytes: Int
    /// When the oldest held message was received; nil when nothing is held, or when it is not known.
    public var oldestHeldAt: Timestamp?
    /// Held deliveries whose recipient means no mailbox of the roster.
    public var heldWithoutMailbox: Int
    /// For how many seconds the oldest unread end of the spool has waited; 0 when all is read.
    public var lagSeconds: Int
    /// Damaged places met in the spool.
    public var damagedPlaces: Int
    public var mailboxes: [MailboxFigures]
    public var waves: [WaveFigures]

    public init(
        deliveries: DeliveryFigures, heldBytes: Int = 0, oldestHeldAt: Timestamp? = nil, heldWithoutMailbox: Int = 0,
        lagSeconds: Int = 0, damagedPlaces: Int = 0, mailboxes: [MailboxFigures] = [], waves: [WaveFigures] = []
    ) {
        self.deliveries = deliveries
        self.heldBytes = heldBytes
        self.oldestHeldAt = oldestHeldAt
        self.heldWithoutMailbox = heldWithoutMailbox
        self.lagSeconds = lagSeconds
        self.damagedPlaces = damagedPlaces
        self.mailboxes = mailboxes
        self.waves = waves
    }
}
