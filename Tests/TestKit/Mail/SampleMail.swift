/// Makes mail that looks like the mail of an office, and the odd kinds that break mail programs. The same seed makes the same mail.
///
/// Everything in it is invented; all domains end in `.test` (RFC 2606 §2).
public struct SampleMail: Sendable {
    public enum Shape: String, CaseIterable, Sendable {
        case plainText, eightBitText, encodedHeaders, rawEightBitHeaders, foldedHeaders, alternative, attachments,
            invitation, bounce
        case dotStuffed, emptyBody, nothingAtAll, noFinalNewline, longestLines, bareNewlines, manyHeaders,
            headerQuotedInside
    }

    public var random: SeededGenerator
    private var serial = 0

    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A mail of a random shape to the given recipients.
    public mutating func next(to recipients: [String]) -> OutgoingMail {
        make(pick(Shape.allCases), to: recipients)
    }

    /// A mail of the given shape. No two mails of one generator are alike, but those with nothing in them at all.
    public mutating func make(_ shape: Shape, to recipients: [String]) -> OutgoingMail {
        serial += 1
        let sender = shape == .bounce ? "" : pick(Vocabulary.senders)
        let content = content(of: shape, from: sender, to: recipients)
        return OutgoingMail(name: shape.rawValue, sender: sender, recipients: recipients, content: content)
    }

    /// A plain mail of about `size` octets, with an attachment that no compression shortens.
    public mutating func large(_ size: Int, to recipients: [String]) -> OutgoingMail {
        serial += 1
        let sender = pick(Vocabulary.senders)
        let fields = [
            "MIME-Version: 1.0", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
        ]
        let content = head(from: sender, to: recipients, fields) + "\r\n".utf8 + base64(lines: max(1, size / 78))
        return OutgoingMail(name: "large", sender: sender, recipients: recipients, content: content)
    }

    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    public mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// The head of a mail with its usual fields in a usual order, without the empty line.
    mutating func head(from sender: String, to recipients: [String], subject: String? = nil, _ more: [String] = [])
        -> [UInt8]
    {
        let shown = recipients.prefix(3).map { "<\($0)>" }.joined(separator: ",\r\n ")
        var lines = ["Date: Sat, 21 Nov 2026 \(number(10...23)):\(number(10...59)):\(number(10...59)) +0100"]
        lines.append("From: \(pick(Vocabulary.names)) <\(sender.isEmpty ? "mailer-daemon@mail.test" : sender)>")
        if !recipients.isEmpty { lines.append("To: \(shown)") }
        lines.append("Message-ID: <\(serial).\(random.next())@\(pick(Vocabulary.hosts))>")
        lines.append("Subject: \(subject ?? pick(Vocabulary.subjects))")
        lines += more
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    mutating func sentences(_ count: Int, from list: [String]) -> [UInt8] {
        var text = ""
        for _ in 0..<count { text += pick(list) + "\r\n" }
        return Array(text.utf8)
    }

    /// Lines of 76 characters, as RFC 2045 §6.8 asks.
    mutating func base64(lines: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines * 78)
        for _ in 0..<lines {
            var bits: UInt64 = 0
            for column in 0..<76 {
                if column % 10 == 0 { bits = random.next() }
                bytes.append(alphabet[Int(bits & 63)])
                bits >>= 6
            }
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }
}
