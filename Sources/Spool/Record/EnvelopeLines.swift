import MailModel

/// The envelope of a message as `Name: value` lines with an empty line behind them, as a segment holds it.
enum EnvelopeLines {
    static func encode(_ envelope: Envelope) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(256 + 48 * envelope.recipients.count)
        append("Received-At", envelope.receivedAt.rfc3339, to: &lines)
        append("Sender", envelope.sender.text, to: &lines)
        for recipient in envelope.recipients { append("Recipient", recipient.text, to: &lines) }
        append("Client", envelope.client, to: &lines)
        append("Helo", envelope.helo, to: &lines)
        append("With", envelope.transmission, to: &lines)
        if let tls = envelope.tls { append("TLS", tls, to: &lines) }
        if envelope.is8BitMIME { append("Body", "8BITMIME", to: &lines) }
        if envelope.isSMTPUTF8 { append("SMTPUTF8", "yes", to: &lines) }
        if envelope.normalizedNewlines > 0 {
            append("Normalized-Newlines", String(envelope.normalizedNewlines), to: &lines)
        }
        if envelope.isLastLineCompleted { append("Last-Line-Completed", "yes", to: &lines) }
        if envelope.removedResults > 0 {
            append("Removed-Authentication-Results", String(envelope.removedResults), to: &lines)
        }
        if envelope.isJunk { append("Verdict", "junk", to: &lines) }
        if let importedAt = envelope.importedAt { append("Imported-At", importedAt.rfc3339, to: &lines) }
        lines.append(lineFeed)
        return lines
    }

    /// A control character cannot come this far, since the SMTP parser refuses it; should one, it must not end the line.
    private static func append(_ name: StaticString, _ value: String, to lines: inout [UInt8]) {
        name.withUTF8Buffer { lines.append(contentsOf: $0) }
        lines.append(UInt8(ascii: ":"))
        lines.append(space)
        for byte in value.utf8 { lines.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
        lines.append(lineFeed)
    }

    /// Nil where a needed line is missing or makes no sense. Unknown lines are passed over: a newer version may add some.
    static func decode(_ bytes: UnsafeRawBufferPointer, id: MessageID) -> Envelope? {
        var receivedAt: Timestamp?
        var envelope = Envelope(
            id: id, receivedAt: Timestamp(milliseconds: 0), sender: .null, recipients: [], client: "", helo: "",
            transmission: "")
        for (name, value) in FieldLines(bytes) {
            switch name {
            case "Received-At": receivedAt = Timestamp(rfc3339: value)
            case "Sender": envelope.sender = ReversePath(text: value)
            case "Recipient":
                envelope.recipients.append(MailAddress(value) ?? MailAddress(localPart: value, domain: ""))
            case "Client": envelope.client = value
            case "Helo": envelope.helo = value
            case "With": envelope.transmission = value
            case "TLS": envelope.tls = value
            case "Body": envelope.is8BitMIME = value == "8BITMIME"
            case "SMTPUTF8": envelope.isSMTPUTF8 = value == "yes"
            case "Normalized-Newlines": envelope.normalizedNewlines = Int(value) ?? 0
            case "Last-Line-Completed": envelope.isLastLineCompleted = value == "yes"
            case "Removed-Authentication-Results": envelope.removedResults = Int(value) ?? 0
            case "Verdict": envelope.isJunk = value == "junk"
            case "Imported-At": envelope.importedAt = Timestamp(rfc3339: value)
            default: break
            }
        }
        guard let receivedAt, !envelope.recipients.isEmpty else { return nil }
        envelope.receivedAt = receivedAt
        return envelope
    }
}
