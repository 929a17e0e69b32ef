/// The machine-readable reason in a status response (RFC 3501 §7.1, RFC 5530 §3, RFC 4315 §3, RFC 4469, RFC 7889, RFC 2221).
///
///     S: L7 OK [APPENDUID 38505 3955:3957] APPEND completed
public enum ResponseCode: Hashable, Sendable {
    // RFC 3501
    case alert, parse, readOnly, readWrite, tryCreate
    case capability(Capabilities)
    case permanentFlags
    case uidNext(UID), uidValidity(UIDValidity), unseen
    // RFC 5530
    case unavailable, authenticationFailed, authorizationFailed, expired, privacyRequired, contactAdmin, noPermission,
        inUse
    case expungeIssued, corruption, serverBug, clientBug, cannot, limit, overQuota, alreadyExists, nonExistent
    // RFC 4315; the UIDs in the order of the messages in the APPEND.
    case appendUID(UIDValidity, [UID]), uidNotSticky
    // RFC 4469 §4.2, RFC 7889
    case tooBig
    // RFC 3516
    case unknownCTE
    /// Another server has this user (RFC 2221).
    case referral(String)
    /// Any other, or one of the above with arguments that are not well-formed: its name in upper case and what followed.
    case other(name: String, arguments: String)
}

extension ResponseCode {
    private static let plain: [String: ResponseCode] = [
        "ALERT": .alert, "PARSE": .parse, "READ-ONLY": .readOnly, "READ-WRITE": .readWrite, "TRYCREATE": .tryCreate,
        "UNAVAILABLE": .unavailable, "AUTHENTICATIONFAILED": .authenticationFailed,
        "AUTHORIZATIONFAILED": .authorizationFailed, "EXPIRED": .expired, "PRIVACYREQUIRED": .privacyRequired,
        "CONTACTADMIN": .contactAdmin, "NOPERM": .noPermission, "INUSE": .inUse, "EXPUNGEISSUED": .expungeIssued,
        "CORRUPTION": .corruption, "SERVERBUG": .serverBug, "CLIENTBUG": .clientBug, "CANNOT": .cannot, "LIMIT": .limit,
        "OVERQUOTA": .overQuota, "ALREADYEXISTS": .alreadyExists, "NONEXISTENT": .nonExistent,
        "UIDNOTSTICKY": .uidNotSticky,
        "TOOBIG": .tooBig, "UNKNOWN-CTE": .unknownCTE,
    ]

    /// Takes `[…]`; nil and nothing taken when the text does not begin with one.
    init?(parsing cursor: inout ResponseCursor) {
        var ahead = cursor
        guard ahead.take("["), let name = try? ahead.keyword("code") else { return nil }
        var arguments = ahead
        // A quoted `]` in a code's arguments is not known from any server; a code ends at the first.
        let rest = ahead.run { $0 != UInt8(ascii: "]") }
        guard ahead.take("]") else { return nil }
        cursor = ahead
        arguments.skipSpaces()
        if rest.isEmpty, let code = Self.plain[name] {
            self = code
        } else if let code = try? Self.withArguments(name, &arguments) {
            self = code
        } else if let code = Self.plain[name] {
            self = code
        } else {
            self = .other(name: name, arguments: Self.printable(rest))
        }
    }

    private static func withArguments(_ name: String, _ cursor: inout ResponseCursor) throws -> ResponseCode? {
        switch name {
        case "CAPABILITY": return .capability(Capabilities(parsing: &cursor))
        case "PERMANENTFLAGS": return .permanentFlags
        case "UIDNEXT": return .uidNext(try cursor.uid())
        case "UIDVALIDITY": return .uidValidity(UIDValidity(try cursor.number32("uidvalidity")))
        case "UNSEEN": return .unseen
        case "APPENDUID":
            let validity = UIDValidity(try cursor.number32("uidvalidity"))
            cursor.skipSpaces()
            return .appendUID(validity, try cursor.orderedUIDs())
        case "REFERRAL": return .referral(printable(cursor.run { $0 != UInt8(ascii: "]") }))
        default: return nil
        }
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        let shown = bytes.drop { $0 == 0x20 }.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        return String(decoding: shown, as: UTF8.self)
    }
}

extension ResponseCursor {
    /// `257,259:260` as 257, 259, 260: in the order written, each range upwards. Throws for more than `limits.uidsPerCode`.
    mutating func orderedUIDs() throws -> [UID] {
        var uids: [UID] = []
        repeat {
            let first = try uid()
            let last = take(":") ? try uid() : first
            let (low, high) = (min(first, last).number, max(first, last).number)
            let total = uids.count + Int(high - low) + 1
            guard total <= limits.uidsPerCode else {
                throw ExceededMaximumUIDCountError(actualCount: total, maximumCount: limits.uidsPerCode)
            }
            uids += (low...high).map(UID.init(checked:))
        } while take(",")
        return uids
    }
}

extension Capabilities {
    /// Takes atoms up to the end or a bracket.
    init(parsing cursor: inout ResponseCursor) {
        var names: [String] = []
        cursor.skipSpaces()
        while let name = try? cursor.keyword("capability") {
            names.append(name)
            cursor.skipSpaces()
        }
        self.init(names)
    }
}
