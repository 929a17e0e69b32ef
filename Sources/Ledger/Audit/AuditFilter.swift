public import MailModel

/// Which deliveries `audit` and `export` mean. Everything given must hold; nothing given means all.
public struct AuditFilter: Hashable, Sendable {
    /// The recipient's address in any case, or `@domain`.
    public var to: String?
    /// The envelope sender's address in any case; `<>` or empty for the null sender.
    public var from: String?
    /// Received at or after.
    public var since: Timestamp?
    /// Received before.
    public var until: Timestamp?
    /// A part of the subject; ASCII letters in any case.
    public var subject: String?
    /// `held` includes `appending`, `delivered` includes `verified`; `doubtful` is the mark.
    public var state: State?
    /// With or without angle brackets.
    public var messageID: String?
    public var id: MessageID?
    /// An address or id of a mailbox.
    public var mailbox: String?
    public var wave: String?
    /// The recipient's domain.
    public var domain: String?
    /// More octets than this, as stored.
    public var larger: ByteCount?
    /// The client's IP address.
    public var client: String?
    /// At most so many rows; nil for all.
    public var limit: Int?

    public enum State: Hashable, Sendable {
        case of(DeliveryState)
        case doubtful

        /// Nil for a word that is no state.
        public init?(word: String) {
            if word.lowercased() == "doubtful" {
                self = .doubtful
            } else if let state = DeliveryState(word: word) {
                self = .of(state)
            } else {
                return nil
            }
        }
    }

    public init() {}
}
