/// The sender of a message: an address, or the null reverse-path `<>` of bounces (RFC 5321 §4.5.5).
public enum ReversePath: Hashable, Sendable {
    case null
    case address(MailAddress)

    /// The address without angle brackets; empty for the null sender.
    public var text: String {
        switch self {
        case .null: ""
        case .address(let address): address.text
        }
    }

    /// The reverse of `text`.
    public init(text: String) {
        if text.isEmpty {
            self = .null
        } else {
            self = .address(MailAddress(text) ?? MailAddress(localPart: text, domain: ""))
        }
    }
}
