public import MailModel

/// The lines that are put before the stored bytes, the same for every server. They touch nothing that DKIM has signed.
///
///     Return-Path: <a@sender.example>
///     Delivered-To: <b@example.com>
///     X-Layover-Id: 01jd5y0c8q3v6h2k9m4n7p1r5s
public enum HeadLines {
    public static func bytes(sender: String, recipient: String, id: MessageID) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(96 + sender.utf8.count + recipient.utf8.count)
        append("Return-Path: <", sender, ">\r\n", to: &lines)
        append("Delivered-To: <", recipient, ">\r\n", to: &lines)
        append("X-Layover-Id: ", id.description, "\r\n", to: &lines)
        return lines
    }

    /// An address never holds a control character, since the SMTP parser refuses it; should one, it must not end the line.
    static func append(_ before: StaticString, _ value: String, _ after: StaticString, to lines: inout [UInt8]) {
        before.withUTF8Buffer { lines.append(contentsOf: $0) }
        for byte in value.utf8 { lines.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
        after.withUTF8Buffer { lines.append(contentsOf: $0) }
    }
}
