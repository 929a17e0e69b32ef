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
    }

    /// The number of the message.
    public var sequence: Int64
    public var location: SpoolLocation
    /// In the order of the envelope.
    public var deliveries: [Delivery]
}
