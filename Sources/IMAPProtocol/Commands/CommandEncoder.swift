import NIOCore

/// Writes one command word by word, so that no value can change what the command says.
struct CommandEncoder {
    /// Longer strings go as literals: servers limit the length of a line (Zimbra 10,240 octets).
    static let maximumQuotedLength = 1000

    private let tag: IMAPTag
    private var pieces: [ByteBuffer] = []
    private var piece = ByteBuffer()

    init(tag: IMAPTag) {
        self.tag = tag
        piece.writeString(tag.text)
    }

    /// A space and text of our own making.
    mutating func word(_ text: String) {
        piece.writeString(" ")
        piece.writeString(text)
    }

    mutating func closeList() { piece.writeString(")") }

    /// A space and a string: quoted if it is printable ASCII and short, else a synchronising literal. Never `{n+}`, which a server that does
    /// not know it would take for a line, and the string for a command.
    mutating func string(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard !bytes.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw IMAPEncodeError(.controlCharacter)
        }
        piece.writeString(" ")
        if bytes.count <= Self.maximumQuotedLength, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) {
            quoted(bytes)
        } else {
            piece.writeString("{\(bytes.count)}\r\n")
            pieces.append(piece)
            piece = ByteBuffer(bytes: bytes)
        }
    }

    mutating func mailbox(_ name: MailboxName) throws {
        guard name.encoded.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return try string(String(decoding: name.encoded, as: UTF8.self))
        }
        piece.writeString(" ")
        quoted(name.encoded)
    }

    mutating func command(_ verb: String, _ name: MailboxName) throws {
        word(verb)
        try mailbox(name)
    }

    private mutating func quoted(_ bytes: [UInt8]) {
        piece.writeInteger(UInt8(ascii: "\""))
        for byte in bytes {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { piece.writeInteger(UInt8(ascii: "\\")) }
            piece.writeInteger(byte)
        }
        piece.writeInteger(UInt8(ascii: "\""))
    }

    /// Ends the line; `text` is the next one, after the server's `+`.
    mutating func answerToContinuation(_ text: String) {
        piece.writeString("\r\n")
        pieces.append(piece)
        piece = ByteBuffer(string: text)
    }

    /// What was written so far, for a command that goes on by other means; nil where it needs a continuation of the server in between.
    var text: ByteBuffer? { pieces.isEmpty ? piece : nil }

    consuming func finish() -> EncodedCommand {
        piece.writeString("\r\n")
        pieces.append(piece)
        return EncodedCommand(tag: tag, pieces: pieces)
    }
}
