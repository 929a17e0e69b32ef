/// What the receiver says to DATA before 354.
public enum DataVerdict: Hashable, Sendable {
    /// The message has its id and its place; the decoder is ready.
    case proceed
    /// 452 4.3.1.
    case storageLow
    /// 451 4.3.0.
    case storeUnhealthy

    var refusal: SMTPReply? {
        switch self {
        case .proceed: nil
        case .storageLow: .insufficientStorage
        case .storeUnhealthy: .storageError
        }
    }
}
