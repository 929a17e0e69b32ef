/// The ESMTP parameters of MAIL that this server offers.
public struct MailParameters: Hashable, Sendable {
    /// SIZE= in octets (RFC 1870): a promise of the client that is never trusted. Nil when it was not given; a value too
    /// large for `Int` is given as `Int.max`.
    public var declaredSize: Int?
    /// BODY= (RFC 6152); nil when it was not given.
    public var body: MailBodyKind?

    /// SMTPUTF8 (RFC 6531 §3.4): addresses and header may hold UTF-8.
    public var isSMTPUTF8: Bool

    public init(declaredSize: Int? = nil, body: MailBodyKind? = nil, isSMTPUTF8: Bool = false) {
        self.declaredSize = declaredSize
        self.body = body
        self.isSMTPUTF8 = isSMTPUTF8
    }
}
