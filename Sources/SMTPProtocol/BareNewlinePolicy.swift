/// What becomes of a message that holds a bare LF or a lone CR. Under both only CRLF.CRLF ends DATA (RFC 5321 §4.1.1.4).
public enum BareNewlinePolicy: String, Hashable, Sendable {
    /// A bare LF becomes CRLF, a lone CR one space, and the message is taken, as Postfix does since 3.9: a scanner's or a
    /// cron job's mail that is refused is lost to its reader.
    case normalize
    /// The message is read to its true end and refused with 550 5.5.2.
    case reject
}
