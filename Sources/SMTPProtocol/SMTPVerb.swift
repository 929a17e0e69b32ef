/// The first word of a command line that this server knows, in any case (RFC 5321 §2.4).
enum SMTPVerb: Hashable, Sendable {
    case ehlo, helo, mail, rcpt, data, rset, noop, vrfy, expn, help, quit, starttls, bdat
    /// A verb of an extension that is not offered; its line is complete, so the session goes on.
    case auth, etrn, turn
    /// Another protocol speaks; a browser or a misled proxy must not be able to send mail.
    case http, proxy
    /// A gateway speaks for its client; offered to named networks only.
    case xclient

    private static let table: [UInt64: SMTPVerb] = {
        let words: [(String, SMTPVerb)] = [
            ("EHLO", .ehlo), ("HELO", .helo), ("MAIL", .mail), ("RCPT", .rcpt), ("DATA", .data), ("RSET", .rset),
            ("NOOP", .noop), ("VRFY", .vrfy), ("EXPN", .expn), ("HELP", .help), ("QUIT", .quit),
            ("STARTTLS", .starttls), ("AUTH", .auth), ("ETRN", .etrn), ("TURN", .turn), ("BDAT", .bdat),
            ("GET", .http), ("HEAD", .http), ("POST", .http), ("PUT", .http), ("DELETE", .http), ("PATCH", .http),
            ("CONNECT", .http), ("OPTIONS", .http), ("TRACE", .http), ("PRI", .http), ("PROXY", .proxy),
            ("XCLIENT", .xclient),
        ]
        var table: [UInt64: SMTPVerb] = [:]
        for (word, verb) in words { table[packed(word.utf8) ?? 0] = verb }
        return table
    }()

    /// Up to eight letters in upper case in one number; nil when the word is longer, empty or no word.
    private static func packed(_ word: some Collection<UInt8>) -> UInt64? {
        guard (1...8).contains(word.count) else { return nil }
        var number: UInt64 = 0
        for byte in word {
            let upper = byte & 0xDF
            guard (0x41...0x5A).contains(upper) else { return nil }
            number = number << 8 | UInt64(upper)
        }
        return number
    }

    /// Nil for a word that is not a known verb.
    init?(_ word: some Collection<UInt8>) {
        guard let number = Self.packed(word), let verb = Self.table[number] else { return nil }
        self = verb
    }
}
