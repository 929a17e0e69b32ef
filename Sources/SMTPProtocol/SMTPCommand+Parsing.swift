extension SMTPCommand {
    /// Understands one line, given without its line end. Never fails: what is wrong with the line is part of the command.
    /// One pass over the line; no memory is taken but for the addresses and names that are kept.
    public init(line: UnsafeRawBufferPointer, limits: SMTPLimits = SMTPLimits()) {
        do throws(SMTPSyntaxError) {
            self = try Self.parse(line, limits: limits)
        } catch {
            self = .malformed(Self.announcesChunk(line) ? .chunk : error)
        }
    }

    private static func parse(_ line: UnsafeRawBufferPointer, limits: SMTPLimits) throws(SMTPSyntaxError) -> SMTPCommand
    {
        if let foreign = foreignLine(line) { return .foreign(foreign) }
        var scanner = SMTPArgumentScanner(line, isASCII: try checkOctets(line))
        guard let verb = SMTPVerb(scanner.word()) else {
            if !scanner.isASCII { throw .notASCII }
            return .unknown
        }
        switch verb {
        case .ehlo: return .ehlo(try heloName(&scanner, limits))
        case .helo: return .helo(try heloName(&scanner, limits))
        case .mail: return try mail(&scanner)
        case .rcpt: return try rcpt(&scanner)
        case .data: return try alone(.data, &scanner)
        case .bdat: return try bdat(&scanner)
        case .rset: return try alone(.rset, &scanner)
        case .starttls: return try alone(.starttls, &scanner)
        case .vrfy: return try vrfy(&scanner)
        case .noop: return .noop
        case .expn: return .expn
        case .help: return .help
        case .quit: return .quit
        case .auth, .etrn, .turn: return .unimplemented
        case .http: return .foreign(.http)
        case .proxy: return .foreign(.proxy)
        case .xclient: return xclient(&scanner)
        }
    }

    /// A command that takes no argument.
    private static func alone(
        _ command: SMTPCommand, _ scanner: inout SMTPArgumentScanner
    ) throws(SMTPSyntaxError) -> SMTPCommand {
        scanner.skipSpaces()
        guard scanner.isAtEnd else { throw .argument }
        return command
    }

    /// Tells whether all octets are ASCII; throws for NUL, other control characters and what is not UTF-8.
    private static func checkOctets(_ line: UnsafeRawBufferPointer) throws(SMTPSyntaxError) -> Bool {
        var all: UInt8 = 0
        var hasControl = false
        for byte in line {
            all |= byte
            if byte < 0x20 || byte == 0x7F {
                if byte == 0 { throw .nulOctet }
                hasControl = hasControl || byte != UInt8(ascii: "\t")
            }
        }
        if hasControl { throw .controlCharacter }
        if all < 0x80 { return true }
        guard String(validating: line, as: UTF8.self) != nil else { throw .notASCII }
        return false
    }

    /// Recognises what must be told from a mistyped command before anything else is said about the line.
    private static func foreignLine(_ line: UnsafeRawBufferPointer) -> ForeignProtocol? {
        guard let first = line.first else { return nil }
        if first == tlsHandshakeRecord { return .tls }
        // A header's name runs up to its colon without a space: `MAIL FROM:` is none.
        for byte in line {
            if byte == UInt8(ascii: ":") { return first == byte ? nil : .header }
            guard SMTPPathParser.isLetterOrDigit(byte) || byte == UInt8(ascii: "-") else { return nil }
        }
        return nil
    }

    /// The first octet of a ClientHello (RFC 8446 §5.1). No command begins with it.
    static let tlsHandshakeRecord: UInt8 = 0x16
}
