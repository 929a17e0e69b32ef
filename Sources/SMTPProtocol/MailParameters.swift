/// The ESMTP parameters of MAIL that this server offers.
public struct MailParameters: Hashable, Sendable {
    /// SIZE= in octets (RFC 1870): a promise of the client that is never trusted. Nil when it was not given; a value too
    /// large for `Int` is given as `Int.max`.
    public var declaredSize: Int?
    /// BODY= (RFC 6152); nil when it was not given.
    public var body: MailBodyKind?

    public init(declaredSize: Int? = nil, body: MailBodyKind? = nil) {
        self.declaredSize = declaredSize
        self.body = body
    }
}
