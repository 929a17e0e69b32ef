/// Why the receiver refuses a message for what its header says, after it was read to its end.
public enum MessageRefusal: Hashable, Sendable {
    /// Too many `Received:` lines, or one of our own: 554 5.4.6 (RFC 5321 §6.3).
    case loop
    /// 554 5.6.0.
    case headersTooLong

    var reply: SMTPReply {
        switch self {
        case .loop: .loop
        case .headersTooLong: .headersTooLong
        }
    }
}
