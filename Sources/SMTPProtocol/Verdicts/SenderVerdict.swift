/// What the receiver says to MAIL. Every refusal is a temporary one: the fault is ours.
public enum SenderVerdict: Hashable, Sendable {
    case accept
    /// Not enough room for the declared size beside the messages in flight, or below the floor: 452 4.3.1.
    case storageLow
    /// The spool cannot be written: 451 4.3.0.
    case storeUnhealthy

    var refusal: SMTPReply? {
        switch self {
        case .accept: nil
        case .storageLow: .insufficientStorage
        case .storeUnhealthy: .storageError
        }
    }
}
