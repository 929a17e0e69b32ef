/// The three ends of a command (RFC 3501 §7.1): done, refused, not understood.
public enum ResponseStatus: String, Hashable, Sendable {
    case ok = "OK"
    case no = "NO"
    case bad = "BAD"
}
