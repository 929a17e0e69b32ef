import MailModel
import SMTPProtocol
import TestKit

/// What a server must know of a session, and no more: gives random commands, what the receiver is to say to each, and the
/// code that must come back.
struct SessionModel {
    /// The largest message of the sessions that this is a model of.
    static let limit = 100

    /// A command, or the octets of a message, with all that the client sends for it.
    struct Step {
        var octets: String
        var code: String
        var mustEndGroup = false
        var closes = false

        init(line: String, code: String, mustEndGroup: Bool = false) {
            (octets, self.code, self.mustEndGroup) = (line + "\r\n", code, mustEndGroup)
        }

        init(chunk: String, code: String, closes: Bool = false) {
            (octets, self.code, self.closes, mustEndGroup) = (chunk, code, closes, closes)
        }
    }

    private(set) var recipients: [String] = []
    private var isGreeted = false
    private var isOpen = false
    private var isInternational = false
    private var hasRefusedRecipients = false
    private var isTLS = false
    private var chunks = 0
    private var chunkOctets = 0
    /// With bare LF made CRLF.
    private var storedOctets = 0
    private var endsLine = false
    /// Of chunks, since the last accepted MAIL or message.
    private var discarded = 0
    /// The code of the last refused chunk, as long as nothing but BDAT follows.
    private var refusal: String?

    private mutating func reset() {
        (isOpen, isInternational, recipients, hasRefusedRecipients) = (false, false, [], false)
        (chunks, chunkOctets, storedOctets) = (0, 0, 0)
    }

    /// A new connection.
    mutating func reconnect() { self = SessionModel() }

    /// TLS is on.
    mutating func secure() {
        reset()
        (isTLS, isGreeted) = (true, false)
    }

    mutating func step(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        let kind = Int.random(in: 0..<18, using: &random)
        if kind >= 14 { return bdat(&session, &random) }
        refusal = nil
        switch kind {
        case 0:
            reset()
            isGreeted = true
            return Step(line: "EHLO host\(kind).example.org", code: "250", mustEndGroup: true)
        case 1, 2, 13: return mail(&session, &random)
        case 3, 4, 5, 12: return recipient(&session, &random)
        case 6: return data(&session, &random)
        case 7: return starttls()
        case 8:
            guard Bool.random(using: &random) else { return Step(line: "NOOP", code: "250") }
            reset()
            return Step(line: "RSET", code: "250")
        case 9: return Step(line: ["NOOP", "VRFY a", "HELP"].randomElement(using: &random) ?? "", code: "2")
        case 10:
            let line = ["MAIL FROM:<a@b@c>", "MAIL FROM:x y", "DATA 1", "EHLO"].randomElement(using: &random) ?? ""
            return Step(line: line, code: "501")
        default:
            if isOpen { hasRefusedRecipients = true }
            return Step(line: "RCPT TO:<@>", code: "501")
        }
    }

    private mutating func mail(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        let asksForUTF8 = Bool.random(using: &random)
        if !asksForUTF8, Int.random(in: 0..<4, using: &random) == 0 {
            return Step(line: "MAIL FROM:<jürgen@example.org>", code: "553", mustEndGroup: false)
        }
        let line = asksForUTF8 ? "MAIL FROM:<jürgen@bücher.example> SMTPUTF8" : "MAIL FROM:<alice@example.org>"
        guard isGreeted, !isOpen else { return Step(line: line, code: "503", mustEndGroup: !isGreeted) }
        let isFull = Int.random(in: 0..<4, using: &random) == 0
        session.senderVerdicts.append(isFull ? .storageLow : .accept)
        (isOpen, isInternational) = (!isFull, !isFull && asksForUTF8)
        if isOpen { discarded = 0 }
        return Step(line: line, code: isFull ? "452" : "250")
    }

    private mutating func recipient(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        let isUTF8 = Int.random(in: 0..<3, using: &random) == 0
        let address = "\(isUTF8 ? "ü" : "")user\(Int.random(in: 0..<4, using: &random))@example.com"
        let line = "RCPT TO:<\(address)>"
        guard isGreeted, isOpen, chunks == 0 else { return Step(line: line, code: "503", mustEndGroup: !isGreeted) }
        guard !isUTF8 || isInternational else {
            hasRefusedRecipients = true
            return Step(line: line, code: "553")
        }
        let isUnknown = Int.random(in: 0..<3, using: &random) == 0
        session.recipientVerdicts.append(isUnknown ? .unknown : .accept)
        if isUnknown { hasRefusedRecipients = true }
        if !isUnknown, !recipients.contains(address) { recipients.append(address) }
        return Step(line: line, code: isUnknown ? "550" : "250")
    }

    private mutating func data(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        guard !recipients.isEmpty, chunks == 0 else {
            let isRefused = chunks == 0 && hasRefusedRecipients
            return Step(line: "DATA", code: isRefused ? "554" : "503", mustEndGroup: true)
        }
        let isFull = Int.random(in: 0..<4, using: &random) == 0
        session.dataVerdicts.append(isFull ? .storageLow : .proceed)
        return Step(line: "DATA", code: isFull ? "452" : "354", mustEndGroup: true)
    }

    private func starttls() -> Step {
        Step(line: "STARTTLS", code: isTLS || !isGreeted || isOpen ? "503" : "220", mustEndGroup: true)
    }

    /// The octets of a message after 354 and the code that its end must have.
    mutating func message(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        reset()
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return Step(line: "nul\u{0}\r\n.", code: "554")
        case 1: return Step(line: String(repeating: "x", count: 150) + "\r\n.", code: "552")
        default:
            let code = commit(&session, &random)
            return Step(line: "Subject: x\r\n\r\n..text\nMAIL FROM:<>\r\n.", code: code)
        }
    }

    /// What the spool says to a whole message.
    private mutating func commit(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            session.commitAnswers.append(.failed(.writeError))
            return "451"
        case 1:
            session.commitAnswers.append(.refused(.loop))
            return "554"
        default:
            session.commitAnswers.append(.committed)
            discarded = 0
            return "250"
        }
    }
}

// MARK: BDAT

extension SessionModel {
    private static let contents = [
        "", "a", "QUIT\r\n", "..\r\n.\r\n", "a\nb", "MAIL FROM:<>\r\n", "nul\u{0}", String(repeating: "x", count: 60),
        String(repeating: "y", count: 101),
    ]

    private mutating func bdat(_ session: inout ScriptedSession, _ random: inout SeededGenerator) -> Step {
        let content = Self.contents.randomElement(using: &random) ?? ""
        let isLast = Int.random(in: 0..<3, using: &random) == 0
        let chunk = "BDAT \(content.utf8.count)\(isLast ? " LAST" : "")\r\n" + content
        if let code = earlyRefusal(content) {
            refusal = isLast ? nil : code
            discarded += content.utf8.count
            return Step(chunk: chunk, code: code, closes: discarded > 2 * Self.limit)
        }
        if chunks == 0 {
            let isFull = Int.random(in: 0..<6, using: &random) == 0
            session.dataVerdicts.append(isFull ? .storageLow : .proceed)
            if isFull {
                reset()
                refusal = isLast ? nil : "452"
                discarded += content.utf8.count
                return Step(chunk: chunk, code: "452", closes: discarded > 2 * Self.limit)
            }
        }
        let code = take(content, isLast, &session, &random)
        if code != "250" || isLast { reset() }
        if code != "250", !isLast { refusal = code }
        return Step(chunk: chunk, code: code)
    }

    /// The chunk is refused before one octet of it was kept.
    private mutating func earlyRefusal(_ content: String) -> String? {
        if let refusal { return refusal }
        guard isGreeted, isOpen else { return "503" }
        guard !recipients.isEmpty else { return hasRefusedRecipients ? "554" : "503" }
        guard chunkOctets + content.utf8.count > Self.limit else { return nil }
        reset()
        return "552"
    }

    private mutating func take(
        _ content: String, _ isLast: Bool, _ session: inout ScriptedSession, _ random: inout SeededGenerator
    ) -> String {
        chunks += 1
        chunkOctets += content.utf8.count
        storedOctets += content.utf8.count + (content == "a\nb" ? 1 : 0)
        endsLine = content.isEmpty ? endsLine : content.hasSuffix("\r\n")
        if isLast, !endsLine, storedOctets > 0 { storedOctets += 2 }
        let isFull = Int.random(in: 0..<8, using: &random) == 0
        session.chunkFailures.append(isFull ? .diskFull : nil)
        if isFull { return "452" }
        if storedOctets > Self.limit { return "552" }
        if content.contains("\u{0}") { return "554" }
        return isLast ? commit(&session, &random) : "250"
    }
}
