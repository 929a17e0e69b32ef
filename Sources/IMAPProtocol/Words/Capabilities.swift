/// What a server said it can do, in any case (RFC 3501 §7.2.1).
///
///     S: * CAPABILITY IMAP4rev1 LITERAL+ MULTIAPPEND UIDPLUS AUTH=PLAIN
public struct Capabilities: Hashable, Sendable {
    /// In upper case.
    public let names: Set<String>

    public init(_ names: some Sequence<String>) { self.names = Set(names.map { $0.uppercased() }) }

    public func has(_ name: String) -> Bool { names.contains(name) }

    /// `{n+}` of any size needs no continuation (RFC 7888).
    public var hasLiteralPlus: Bool { has("LITERAL+") }
    /// `{n+}` up to 4096 octets needs no continuation (RFC 7888 §5); IMAP4rev2 includes it (RFC 9051 §4.3).
    public var hasLiteralMinus: Bool { has("LITERAL-") || has("IMAP4REV2") }
    /// Several messages in one APPEND (RFC 3502).
    public var hasMultiAppend: Bool { has("MULTIAPPEND") }
    /// APPEND answers with the new UIDs (RFC 4315).
    public var hasUIDPlus: Bool { has("UIDPLUS") || has("IMAP4REV2") }
    /// AUTHENTICATE may carry its first answer on the command line (RFC 4959).
    public var hasSASLInitialResponse: Bool { has("SASL-IR") || has("IMAP4REV2") }
    public var hasStartTLS: Bool { has("STARTTLS") }
    /// LOGIN is refused, usually until TLS runs (RFC 3501 §6.2.3).
    public var isLoginDisabled: Bool { has("LOGINDISABLED") }
    public var hasAuthPlain: Bool { has("AUTH=PLAIN") }
    public var hasID: Bool { has("ID") }
    public var hasNamespace: Bool { has("NAMESPACE") }
    public var hasQuota: Bool { has("QUOTA") }
    public var hasACL: Bool { has("ACL") }
    /// The limit is each mailbox's own, and is asked for by STATUS (RFC 7889).
    public var hasAppendLimitByMailbox: Bool { has("APPENDLIMIT") }
    public var hasUnselect: Bool { has("UNSELECT") || has("IMAP4REV2") }

    /// The largest message that APPEND takes, in octets, where the server says so: `APPENDLIMIT=n` (RFC 7889).
    public var appendLimit: Int? {
        for name in names where name.hasPrefix("APPENDLIMIT=") {
            return Int(name.dropFirst("APPENDLIMIT=".count))
        }
        return nil
    }
}
