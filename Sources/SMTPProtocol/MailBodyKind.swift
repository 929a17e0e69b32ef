/// The value of BODY= in MAIL (RFC 6152). BINARYMIME is not offered: an IMAP literal cannot carry it.
public enum MailBodyKind: Hashable, Sendable {
    case sevenBit
    case eightBitMIME
}
