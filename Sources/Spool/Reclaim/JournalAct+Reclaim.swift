import MailModel

/// The acts of a reclaim as the journal's lines and back.
///
/// A message takes four lines, of which the first begins it: `Message`, `Envelope` (the lines of its record), and where there are
/// any `Subject` and `Message-ID`.
extension JournalAct {
    /// The word of the act that keeps what is known of messages whose bytes go.
    static let reclaimedWord = "reclaimed"

    func encodeReclaim(into writer: inout JournalFieldWriter) {
        switch self {
        case .reclaimed(let segment, let messages):
            writer.add("Act", Self.reclaimedWord)
            writer.add("Segment", segment)
            for message in messages { Self.encode(message, into: &writer) }
        case .compacted(let segment, let kept, let freed):
            writer.add("Act", "compacted")
            writer.add("Segment", segment)
            writer.add("Freed", freed)
            for message in kept { writer.add("Message", "\(message.id) \(message.offset) \(message.recordLength)") }
        default: break
        }
    }

    static func reclaim(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        guard let segment: Int = reader.number("Segment") else { return nil }
        switch word {
        case reclaimedWord: return .reclaimed(segment: segment, messages: reclaimedMessages(reader))
        case "compacted":
            return .compacted(
                segment: segment, kept: reader.all("Message").compactMap(KeptMessage.init),
                freed: reader.number("Freed") ?? 0)
        default: return nil
        }
    }

    private static func encode(_ message: ReclaimedMessage, into writer: inout JournalFieldWriter) {
        let kind = message.isLarge ? "L" : "M"
        writer.add(
            "Message",
            "\(message.id) \(message.ordinal) \(message.offset) \(message.recordLength) \(kind) \(message.length) \(message.digest.hex)"
        )
        writer.add("Envelope", EnvelopeLines.encode(message.envelope))
        if let subject = message.subject { writer.add("Subject", subject) }
        if let messageID = message.messageID { writer.add("Message-ID", messageID) }
    }

    /// What makes no sense is passed over: the Ledger then counts the acts that name such a message as unmatched.
    private static func reclaimedMessages(_ reader: JournalFieldReader) -> [ReclaimedMessage] {
        var messages: [ReclaimedMessage] = []
        var begun: ReclaimedMessage?
        var hasEnvelope = false
        func finish() {
            if let begun, hasEnvelope { messages.append(begun) }
        }
        for (name, value) in reader.fields {
            switch name {
            case "Message":
                finish()
                begun = ReclaimedMessage(String(decoding: value, as: UTF8.self))
                hasEnvelope = false
            case "Envelope":
                guard let id = begun?.id, let envelope = value.withUnsafeBytes({ EnvelopeLines.decode($0, id: id) })
                else { continue }
                begun?.envelope = envelope
                hasEnvelope = true
            case "Subject": begun?.subject = String(decoding: value, as: UTF8.self)
            case "Message-ID": begun?.messageID = String(decoding: value, as: UTF8.self)
            default: break
            }
        }
        finish()
        return messages
    }
}

extension ReclaimedMessage {
    /// Parses `<id> <ordinal> <offset> <record length> <kind> <length> <digest>`; the envelope comes on the next line.
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 7, let id = MessageID(String(words[0])), let ordinal = Int(words[1]),
            let offset = Int(words[2]), let recordLength = Int(words[3]), let length = Int(words[5]),
            let digest = SHA256Digest(hex: Array(words[6].utf8)), ordinal >= 0, offset >= 0, recordLength >= 0,
            length >= 0
        else { return nil }
        let envelope = Envelope(
            id: id, receivedAt: Timestamp(milliseconds: 0), sender: .null, recipients: [], client: "", helo: "",
            transmission: "")
        self.init(
            ordinal: ordinal, offset: offset, recordLength: recordLength, envelope: envelope, length: length,
            digest: digest, isLarge: words[4] == "L", subject: nil, messageID: nil)
    }
}

extension KeptMessage {
    /// Parses `<id> <offset> <record length>`.
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, let id = MessageID(String(words[0])), let offset = Int(words[1]),
            let recordLength = Int(words[2])
        else { return nil }
        self.init(id: id, offset: offset, recordLength: recordLength)
    }
}
