/// Why the receiver refuses a message for what its header says, after it was read to its end.
public enum MessageRefusal: Hashable, Sendable {
    /// Too many `Received:` lines, or one of our own: 554 5.4.6 (RFC 5321 §6.3).
    case loop
    /// 554 5.6.0.
    case headersTooLong
    /// 554 5.6.0 (RFC 5321 §4.5.3.1.6).
    case lineTooLong

    var reply: SMTPReply {
        switch self {
        case .loop: .loop
        case .headersTooLong: .headersTooLong
        case .lineTooLong: .messageLineTooLong
        }
    }
}
