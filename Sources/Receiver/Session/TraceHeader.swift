import MailModel

/// The `Received:` line that every server adds on top of a message (RFC 5321 §4.4).
///
///     Received: from mail.sender.example ([192.0.2.1])
///             by mx1.example.com with ESMTPS id 01jd5y0c8q3v6h2k9m4n7p1r5s
///             (TLSv1.3 TLS_AES_256_GCM_SHA384)
///             for <a@example.com>; Sat, 21 Nov 2026 10:00:00 +0000
enum TraceHeader {
    static func line(for envelope: Envelope, hostname: String, clientName: String? = nil) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(320)
        line += "Received: from ".utf8
        appendWord(envelope.helo, to: &line)
        line += " (".utf8
        // Only what the DNS confirmed in both directions.
        if let clientName {
            appendWord(clientName, to: &line)
            line += " ".utf8
        }
        line += "[".utf8
        if envelope.client.utf8.contains(UInt8(ascii: ":")) { line += "IPv6:".utf8 }
        line += envelope.client.utf8
        line += "])\r\n\tby ".utf8
        line += hostname.utf8
        line += " with ".utf8
        line += envelope.transmission.utf8
        line += " id ".utf8
        line += envelope.id.bytes
        if let tls = envelope.tls {
            line += "\r\n\t(".utf8
            line += tls.utf8
            line += ")".utf8
        }
        // With several recipients none is named: who was in Bcc stays secret.
        if envelope.recipients.count == 1, let recipient = envelope.recipients.first {
            line += "\r\n\tfor <".utf8
            line += recipient.text.utf8
            line += ">".utf8
        }
        line += "; ".utf8
        line += envelope.receivedAt.rfc5322.utf8
        line += "\r\n".utf8
        return line
    }

    /// Only what a domain or an address literal is made of; anything else a client has said becomes `?`.
    private static func appendWord(_ word: String, to line: inout [UInt8]) {
        for byte in word.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                line.append(byte)
            default: line.append(UInt8(ascii: "?"))
            }
        }
        if word.isEmpty { line += "unknown".utf8 }
    }
}
