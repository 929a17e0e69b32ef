import Foundation

/// One message as a mailbox gives it back.
public struct MailboxCopy: Sendable {
    public let uid: Int
    /// As the server writes it, such as `21-Nov-2026 10:00:00 +0000`.
    public let internalDate: String
    public let bytes: [UInt8]

    public init(uid: Int, internalDate: String, bytes: [UInt8]) {
        self.uid = uid
        self.internalDate = internalDate
        self.bytes = bytes
    }
}

/// Reads whole mailboxes over IMAP, with none of Layover's own code.
public final class MailboxReader {
    private let socket: LoopbackSocket

    public init(port: Int, user: String, password: String) throws {
        socket = try LoopbackSocket(port: UInt16(truncatingIfNeeded: port))
        _ = try socket.readLine()
        _ = try command("LOGIN \"\(user)\" \"\(password)\"")
    }

    /// Logs in as `admin`, for `user` (RFC 4616).
    public init(port: Int, user: String, admin: String, password: String) throws {
        socket = try LoopbackSocket(port: UInt16(truncatingIfNeeded: port))
        _ = try socket.readLine()
        let words = Data([user, admin, password].joined(separator: "\0").utf8)
        _ = try command("AUTHENTICATE PLAIN \(words.base64EncodedString())")
    }

    /// Every message of the folder, in the order of UIDs.
    public func copies(in folder: String = "INBOX") throws -> [MailboxCopy] {
        let selected = try command("EXAMINE \"\(folder)\"")
        guard !selected.contains(where: { $0.text == "* 0 EXISTS" }) else { return [] }
        return try command("UID FETCH 1:* (UID INTERNALDATE BODY.PEEK[])").compactMap(Self.copy).sorted {
            $0.uid < $1.uid
        }
    }

    /// The untagged lines of the answer to a command, each with its literal behind it. Throws unless it was OK.
    public func answer(to text: String) throws -> [String] {
        try command(text).map { $0.text + String(decoding: $0.literal, as: UTF8.self) }
    }

    private struct Line {
        var text: String
        var literal: [UInt8] = []
    }

    /// Sends a command; returns the untagged lines, each with the one literal that it may have.
    private func command(_ text: String) throws -> [Line] {
        try socket.write("t \(text)\r\n")
        var lines: [Line] = []
        while true {
            var line = Line(text: String(decoding: try socket.readLine(), as: UTF8.self))
            if line.text.hasSuffix("}"),
                let count = line.text.dropLast().split(separator: "{").last.flatMap({ Int($0) })
            {
                line.literal = try socket.read(count)
                line.text += String(decoding: try socket.readLine(), as: UTF8.self)
            }
            guard line.text.hasPrefix("t ") else {
                lines.append(line)
                continue
            }
            guard line.text.hasPrefix("t OK") else { throw TestFailure("\(text.prefix(40)): \(line.text)") }
            return lines
        }
    }

    private static func copy(_ line: Line) -> MailboxCopy? {
        guard line.text.contains(" FETCH ("), let uid = word(after: "UID ", in: line.text).flatMap({ Int($0) }) else {
            return nil
        }
        let date =
            line.text.split(separator: "INTERNALDATE \"").last?.split(separator: "\"").first.map(String.init) ?? ""
        return MailboxCopy(uid: uid, internalDate: date.trimmingCharacters(in: .whitespaces), bytes: line.literal)
    }

    private static func word(after key: String, in text: String) -> String? {
        guard let range = text.range(of: key) else { return nil }
        return String(text[range.upperBound...].prefix { $0.isNumber })
    }
}
