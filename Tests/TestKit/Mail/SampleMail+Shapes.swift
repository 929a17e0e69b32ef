extension SampleMail {
    /// The octets of a mail of the given shape.
    mutating func content(of shape: Shape, from sender: String, to recipients: [String]) -> [UInt8] {
        switch shape {
        case .plainText:
            head(from: sender, to: recipients) + "\r\n".utf8 + sentences(number(3...40), from: Vocabulary.plain)
        case .eightBitText:
            head(
                from: sender, to: recipients,
                ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"])
                + "\r\n".utf8 + sentences(number(3...40), from: Vocabulary.accented)
        case .encodedHeaders:
            head(
                from: sender, to: recipients,
                subject: "=?utf-8?B?UsOpdW5pb24gZHUgY29taXTDqQ==?=\r\n =?utf-8?Q?_=E2=80=93_ordre_du_jour?=")
                + "\r\n".utf8 + sentences(5, from: Vocabulary.plain)
        case .rawEightBitHeaders:
            head(from: sender, to: recipients, subject: pick(Vocabulary.accented)) + "X-Latin: caf".utf8 + [
                0xE9, 0x20, 0xFF,
            ] + "\r\n\r\n".utf8
                + sentences(5, from: Vocabulary.accented)
        case .foldedHeaders: foldedHeaders(from: sender, to: recipients)
        case .alternative: alternative(from: sender, to: recipients)
        case .attachments: attachments(from: sender, to: recipients)
        case .invitation: invitation(from: sender, to: recipients)
        case .bounce: bounce(to: recipients)
        case .dotStuffed:
            head(from: sender, to: recipients)
                + "\r\n.\r\n..\r\n...leading dots\r\n.hidden\r\n\r\n.\r\nQUIT\r\n. \r\n".utf8
        case .emptyBody: head(from: sender, to: recipients)
        case .nothingAtAll: []
        case .noFinalNewline: head(from: sender, to: recipients) + "\r\nThe last line has no end.".utf8
        case .longestLines: longestLines(from: sender, to: recipients)
        case .bareNewlines:
            head(from: sender, to: recipients)
                + "\r\na bare LF\nand a lone CR\rand a CR CR LF\r\r\nand two LF\n\nend\r\n".utf8
        case .manyHeaders:
            head(
                from: sender, to: recipients,
                (0..<200).map { "X-Trace-\($0): hop \($0) of a long way through many filters" }) + "\r\nshort\r\n".utf8
        case .headerQuotedInside:
            head(from: sender, to: recipients) + "\r\n".utf8
                + "X-Layover-Id: 00000000000000000000000000\r\nLAYOVER1 0000 M quoted, not a record\r\nFrom nobody Sat Nov 21 10:00:00 2026\r\n"
                .utf8
        }
    }

    private mutating func foldedHeaders(from sender: String, to recipients: [String]) -> [UInt8] {
        let references = (0..<60).map { "<\($0).\(random.next())@list.test>" }.joined(separator: "\r\n\t")
        let more = [
            "References: \(references)", "X-Empty-Fold: a\r\n \r\n\tb",
            "DKIM-Signature: v=1; a=rsa-sha256; d=list.test; s=k1;\r\n\tb="
                + String(decoding: base64(lines: 1).dropLast(2), as: UTF8.self),
        ]
        return head(from: sender, to: recipients, more) + "\r\n".utf8 + sentences(8, from: Vocabulary.plain)
    }

    private mutating func alternative(from sender: String, to recipients: [String]) -> [UInt8] {
        let boundary = "=_alt_\(random.next())"
        let fields = ["MIME-Version: 1.0", "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\""]
        var bytes = head(from: sender, to: recipients, fields)
        bytes +=
            "\r\nThis is a message in several parts.\r\n--\(boundary)\r\nContent-Type: text/plain; charset=utf-8\r\n"
            .utf8
        bytes +=
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=C3=B6ne Gr=C3=BC=C3=9Fe =\r\nund ein langer Satz\r\n"
            .utf8
        bytes +=
            "--\(boundary)\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body>"
            .utf8
        bytes += sentences(number(2...20), from: Vocabulary.accented)
        return bytes + "</body></html>\r\n--\(boundary)--\r\n".utf8
    }

    private mutating func attachments(from sender: String, to recipients: [String]) -> [UInt8] {
        let boundary = "----=_Part_\(random.next())"
        let fields = ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=\"\(boundary)\""]
        var bytes = head(from: sender, to: recipients, fields) + "\r\n".utf8
        for index in 0..<number(1...4) {
            bytes +=
                "--\(boundary)\r\nContent-Type: application/pdf; name*=utf-8''r%C3%A9sum%C3%A9-\(index).pdf\r\n".utf8
            bytes +=
                "Content-Disposition: attachment;\r\n\tfilename=\"resume-\(index).pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                .utf8
            bytes += base64(lines: number(1...600))
        }
        return bytes + "--\(boundary)--\r\nAn epilogue that nobody reads.\r\n".utf8
    }

    private mutating func invitation(from sender: String, to recipients: [String]) -> [UInt8] {
        let fields = [
            "MIME-Version: 1.0", "Content-Type: text/calendar; method=REQUEST; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
        return head(from: sender, to: recipients, fields)
            + "\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Réunion\r\n".utf8
            + "UID:\(random.next())@cal.test\r\nDTSTART:20261123T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".utf8
    }

    private mutating func bounce(to recipients: [String]) -> [UInt8] {
        let boundary = "\(random.next()).report/mail.test"
        let fields = [
            "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"\(boundary)\"",
        ]
        var bytes = head(from: "", to: recipients, subject: "Undelivered Mail Returned to Sender", fields)
        bytes +=
            "\r\n--\(boundary)\r\nContent-Type: text/plain\r\n\r\nI am sorry to inform you that your message was not delivered.\r\n"
            .utf8
        bytes +=
            "--\(boundary)\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.test\r\n\r\n".utf8
        bytes +=
            "Final-Recipient: rfc822; nobody@elsewhere.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--\(boundary)--\r\n"
            .utf8
        return bytes
    }

    /// RFC 5321 §4.5.3.1.6: 1000 octets with the line's end is what every server must take.
    private mutating func longestLines(from sender: String, to recipients: [String]) -> [UInt8] {
        var bytes = head(from: sender, to: recipients, subject: String(repeating: "x", count: 989)) + "\r\n".utf8
        for length in [998, 997, 998, 1, 998] {
            bytes += [UInt8](repeating: UInt8(ascii: "y"), count: length) + "\r\n".utf8
        }
        bytes += [UInt8](repeating: UInt8(ascii: "."), count: 998) + "\r\n".utf8
        return bytes
    }
}
