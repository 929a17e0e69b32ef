public import MailModel
public import Spool

/// Where one message is, and what became of it for each recipient.
public struct MessageOutcome: Sendable {
    /// What became of it for one recipient.
    public struct Delivery: Sendable {
        public var state: DeliveryState
        public var isDoubtful: Bool
        /// The primary address of the mailbox decided on, or that the recipient means now.
        public var mailbox: String?
        public var uid: UInt32?
        public var uidValidity: UInt32?
        public var deliveredAt: Timestamp?
        public var verifiedAt: Timestamp?
        public var lastError: String?

        public init(
            state: DeliveryState, isDoubtful: Bool, mailbox: String?, uid: UInt32? = nil, uidValidity: UInt32? = nil,
            deliveredAt: Timestamp? = nil, verifiedAt: Timestamp? = nil, lastError: String? = nil
        ) {
            self.state = state
            self.isDoubtful = isDoubtful
            self.mailbox = mailbox
            self.uid = uid
            self.uidValidity = uidValidity
            self.deliveredAt = deliveredAt
            self.verifiedAt = verifiedAt
            self.lastError = lastError
        }
    }

    /// The number of the message.
    public var sequence: Int64
    public var location: SpoolLocation
    /// In the order of the envelope.
    public var deliveries: [Delivery]

    public init(sequence: Int64, location: SpoolLocation, deliveries: [Delivery]) {
        self.sequence = sequence
        self.location = location
        self.deliveries = deliveries
    }
}
