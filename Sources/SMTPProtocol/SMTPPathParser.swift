import MailModel

/// The paths of MAIL and RCPT (RFC 5321 §4.1.2): one forward pass, no back-tracking, no pattern matching.
///
///     <alice@example.com>   <>   <postmaster>   <"two words"@example.com>   <bob@[IPv6:2001:db8::1]>
///     <@relay.example:bob@example.com>        the source route is dropped (RFC 5321 appendix C)
///     <jürgen@bücher.example>                 with SMTPUTF8 only (RFC 6531 §3.3); the domain is given in A-labels
///     alice@example.com                       without brackets, as Postfix takes it from old devices
///     <a..b.@docomo.example>                  dots where RFC 5321 wants quotes around them, as Postfix takes them
///
/// The local part has no limit of its own: RFC 5321 §4.5.3.1 asks implementations to avoid limits on the lengths of objects where they
/// can, and the return addresses of mailing lists, forwarders and signing gateways (VERP, SRS, BATV) are longer than the 64 octets of
/// §4.5.3.1.1. Nor do dots need to stand between atoms: such mailboxes exist, and what is refused here is lost to its reader.
struct SMTPPathParser {
    /// RFC 5321 §4.5.3.1.2.
    static let domainOctets = 255
    /// A path has 256 octets with its angle brackets (RFC 5321 §4.5.3.1.3).
    static let addressOctets = 254

    enum Path: Hashable {
        case null
        case address(MailAddress)
        /// A local part alone, as in `<postmaster>`.
        case localPart(String)
    }

    enum Failure: Error {
        case grammar
        /// An address behind an address, or a routing local part without a domain: asks for relaying.
        case relay
    }

    /// Takes the path at the scanner's position; what follows must be a space or the end.
    static func path(_ scanner: inout SMTPArgumentScanner) throws(Failure) -> Path {
        let isBracketed = scanner.take(UInt8(ascii: "<"))
        if isBracketed, scanner.take(UInt8(ascii: ">")) {
            guard isAtBoundary(scanner) else { throw .grammar }
            return .null
        }
        if isBracketed { try sourceRoute(&scanner) }
        let path = try mailbox(&scanner)
        if scanner.next == UInt8(ascii: "@") { throw .relay }
        if isBracketed, !scanner.take(UInt8(ascii: ">")) { throw .grammar }
        guard isAtBoundary(scanner) else { throw .grammar }
        return path
    }

    private static func isAtBoundary(_ scanner: SMTPArgumentScanner) -> Bool {
        scanner.isAtEnd || scanner.next == UInt8(ascii: " ") || scanner.next == UInt8(ascii: "\t")
    }

    /// `@relay.example,@other.example:`, checked and forgotten.
    private static func sourceRoute(_ scanner: inout SMTPArgumentScanner) throws(Failure) {
        guard scanner.next == UInt8(ascii: "@") else { return }
        repeat {
            guard scanner.take(UInt8(ascii: "@")) else { throw .grammar }
            _ = try domain(&scanner)
        } while scanner.take(UInt8(ascii: ","))
        guard scanner.take(UInt8(ascii: ":")) else { throw .grammar }
    }

    private static func mailbox(_ scanner: inout SMTPArgumentScanner) throws(Failure) -> Path {
        let start = scanner.position
        let routes = try localPart(&scanner)
        let localPart = scanner.text(from: start)
        guard localPart.utf8.count <= addressOctets else { throw .grammar }
        guard scanner.isASCII || InternationalText.isVisible(localPart) else { throw .grammar }
        guard scanner.take(UInt8(ascii: "@")) else {
            if routes { throw .relay }
            return .localPart(localPart)
        }
        let domain = try domain(&scanner)
        guard localPart.utf8.count + 1 + domain.utf8.count <= addressOctets else { throw .grammar }
        return .address(MailAddress(localPart: localPart, domain: domain))
    }

    /// Steps over atoms and dots, or a quoted string; tells whether it holds one of `@ % !`.
    private static func localPart(_ scanner: inout SMTPArgumentScanner) throws(Failure) -> Bool {
        if scanner.take(UInt8(ascii: "\"")) { return try quotedString(&scanner) }
        let start = scanner.position
        var routes = false
        while let byte = scanner.next, isAtomText(byte) || byte == UInt8(ascii: ".") || byte >= 0x80 {
            routes = routes || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "!")
            scanner.advance()
        }
        guard scanner.position > start else { throw .grammar }
        return routes
    }

    /// The rest of a quoted string after its first quote.
    private static func quotedString(_ scanner: inout SMTPArgumentScanner) throws(Failure) -> Bool {
        var routes = false
        while var byte = scanner.next {
            scanner.advance()
            if byte == UInt8(ascii: "\"") { return routes }
            if byte == UInt8(ascii: "\\") {
                guard let quoted = scanner.next else { throw .grammar }
                byte = quoted
                scanner.advance()
            }
            guard byte >= 0x20, byte != 0x7F else { throw .grammar }
            routes = routes || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "!")
        }
        throw .grammar
    }

    /// A domain name or an address literal, as it was written.
    private static func domain(_ scanner: inout SMTPArgumentScanner) throws(Failure) -> String {
        let start = scanner.position
        if scanner.take(UInt8(ascii: "[")) {
            while let byte = scanner.next, byte != UInt8(ascii: "]"), (0x21...0x7E).contains(byte) { scanner.advance() }
            let content = scanner.text(from: start + 1)
            guard scanner.take(UInt8(ascii: "]")), AddressLiteral.isValid(content) else { throw .grammar }
        } else {
            try domainName(&scanner)
        }
        return try checked(scanner.text(from: start), isASCII: scanner.isASCII)
    }

    /// The name in A-labels, in which its length counts (RFC 6531 §3.7.1).
    private static func checked(_ name: String, isASCII: Bool) throws(Failure) -> String {
        guard let domain = isASCII ? name : InternationalDomain.asciiForm(name) else { throw .grammar }
        guard domain.utf8.count <= domainOctets else { throw .grammar }
        return domain
    }

    /// Labels of 1…63 letters, digits, inner hyphens (and underscores, which real host names have), joined by dots.
    private static func domainName(_ scanner: inout SMTPArgumentScanner) throws(Failure) {
        var length = 0
        var last = UInt8(ascii: ".")
        while let byte = scanner.next {
            let isLabel = isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
            if isLabel || byte == UInt8(ascii: "-") && length > 0 {
                // Of a character in UTF-8 only the first octet counts; the A-label has a limit of its own.
                if byte & 0xC0 != 0x80 { length += 1 }
            } else if byte == UInt8(ascii: "."), length > 0, last != UInt8(ascii: "-") {
                length = 0
            } else {
                break
            }
            guard length <= 63 else { throw .grammar }
            last = byte
            scanner.advance()
        }
        guard length > 0, last != UInt8(ascii: "-") else { throw .grammar }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
    }

    /// `atext` of RFC 5321 §4.1.2.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        if isLetterOrDigit(byte) { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }
}
