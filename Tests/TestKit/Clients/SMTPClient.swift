import Foundation

/// A reply of an SMTP server, all its lines.
public struct SMTPClientReply: Sendable, CustomStringConvertible {
    public let code: Int
    /// The texts after the code.
    public let lines: [String]

    public var isPositive: Bool { (200..<400).contains(code) }
    public var description: String { "\(code) \(lines.joined(separator: " / "))" }
}

/// A mail sender of our own, so that what is sent is known to the octet. Not for any server but the one under test.
public final class SMTPClient {
    public let greeting: SMTPClientReply
    public let extensions: [String]
    private let socket: LoopbackSocket

    /// Connects, reads the greeting and says EHLO. Throws `LoopbackSocket.Lost` when nobody answers.
    public init(port: UInt16, helo: String = "sender.test") throws {
        socket = try LoopbackSocket(port: port)
        greeting = try Self.reply(socket)
        guard greeting.isPositive else { throw LoopbackSocket.Lost(description: "greeted with \(greeting)") }
        try socket.write("EHLO \(helo)\r\n")
        extensions = Array(try Self.reply(socket).lines.dropFirst())
    }

    /// Sends one mail: its envelope pipelined in one write, then the content. Replies in order: MAIL, RCPT…, DATA, final dot.
    ///
    /// Throws `LoopbackSocket.Lost` when the connection breaks: the mail may have been taken or not.
    public func send(_ mail: OutgoingMail) throws -> SMTPOutcome {
        var envelope =
            "MAIL FROM:<\(mail.sender)> SIZE=\(mail.content.count)\(mail.isEightBit ? " BODY=8BITMIME" : "")\r\n"
        for recipient in mail.recipients { envelope += "RCPT TO:<\(recipient)>\r\n" }
        try socket.write(envelope + "DATA\r\n")
        let sender = try Self.reply(socket)
        var recipients: [SMTPClientReply] = []
        for _ in mail.recipients { recipients.append(try Self.reply(socket)) }
        let data = try Self.reply(socket)
        guard data.code == 354 else {
            try command("RSET")
            return SMTPOutcome(sender: sender, recipients: recipients, final: data)
        }
        try socket.write(Self.stuffed(mail.content))
        return SMTPOutcome(sender: sender, recipients: recipients, final: try Self.reply(socket))
    }

    @discardableResult
    public func command(_ line: String) throws -> SMTPClientReply {
        try socket.write(line + "\r\n")
        return try Self.reply(socket)
    }

    /// RFC 5321 §4.5.2: a dot before every line that begins with one, and the end of the data. A last line without an end gets one.
    static func stuffed(_ content: [UInt8]) -> [UInt8] {
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(content.count + 64)
        var isLineStart = true
        for byte in content {
            if isLineStart && byte == UInt8(ascii: ".") { stuffed.append(byte) }
            isLineStart = byte == 0x0A && stuffed.last == 0x0D
            stuffed.append(byte)
        }
        return stuffed + (isLineStart ? ".\r\n" : "\r\n.\r\n").utf8
    }

    private static func reply(_ socket: LoopbackSocket) throws -> SMTPClientReply {
        var lines: [String] = []
        while true {
            let line = String(decoding: try socket.readLine(), as: UTF8.self)
            guard line.count >= 3, let code = Int(line.prefix(3)) else { throw TestFailure("not a reply: \(line)") }
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" { return SMTPClientReply(code: code, lines: lines) }
        }
    }
}

/// What the server said to one mail.
public struct SMTPOutcome: Sendable {
    public let sender: SMTPClientReply
    public let recipients: [SMTPClientReply]
    /// The reply to the final dot, or to DATA when that was refused.
    public let final: SMTPClientReply

    /// The message id of `250 2.0.0 … <message id>`; nil when the mail was not taken.
    public var acknowledgedID: String? {
        guard final.code == 250, let word = final.lines.last?.split(separator: " ").last else { return nil }
        return String(word)
    }
}
