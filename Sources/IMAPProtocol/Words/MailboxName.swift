/// The name of a folder, in Unicode as people write it and in modified UTF-7 as the wire has it (RFC 3501 §5.1.3).
///
/// `INBOX` is one name in any case. Other names are kept as they are: whether case matters is the server's affair.
public struct MailboxName: Hashable, Sendable {
    /// Printable ASCII, ready to be quoted.
    let encoded: [UInt8]

    public static let inbox = MailboxName(checked: Array("INBOX".utf8))

    private init(checked encoded: [UInt8]) { self.encoded = encoded }

    /// Takes a name in Unicode. Throws `IMAPEncodeError` for an empty name and for control characters, CR, LF and NUL among them.
    public init(_ name: String) throws {
        guard !name.isEmpty else { throw IMAPEncodeError(.emptyMailboxName) }
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
            throw IMAPEncodeError(.controlCharacter)
        }
        self.init(wire: ModifiedUTF7.encode(name))
    }

    /// Takes a name as a server sent it, well-formed or not, so that it goes back as it came.
    init(wire bytes: [UInt8]) {
        let isInbox = bytes.count == 5 && bytes.elementsEqual("INBOX".utf8) { $0 & 0xDF == $1 }
        encoded = isInbox ? Self.inbox.encoded : bytes
    }

    /// The name as the wire has it.
    var wireText: String { String(decoding: encoded, as: UTF8.self) }

    /// The name in Unicode; what is not modified UTF-7 stands as it was sent.
    public var text: String {
        ModifiedUTF7.decode(encoded) ?? String(decoding: encoded, as: UTF8.self)
    }
}

extension MailboxName: CustomStringConvertible {
    public var description: String { text }
}
