/// One mail as a sender hands it over: the envelope and the octets of DATA.
public struct OutgoingMail: Sendable {
    /// What kind of mail it is; stands in the messages of failures.
    public let name: String
    /// Empty for the null sender of bounces.
    public let sender: String
    public let recipients: [String]
    /// As written after DATA, before dots are stuffed.
    public let content: [UInt8]

    public init(name: String, sender: String, recipients: [String], content: [UInt8]) {
        self.name = name
        self.sender = sender
        self.recipients = recipients
        self.content = content
    }

    public var isEightBit: Bool { content.contains { $0 >= 0x80 } }

    /// What must stand in the mailbox below the lines that Layover adds: bare LF has become CRLF, a lone CR a blank, and the last line has an end.
    public var expected: [UInt8] {
        var normal: [UInt8] = []
        normal.reserveCapacity(content.count + 2)
        for (index, byte) in content.enumerated() {
            switch byte {
            case 0x0A where normal.last != 0x0D: normal += [0x0D, 0x0A]
            case 0x0D where index + 1 == content.count || content[index + 1] != 0x0A: normal.append(0x20)
            default: normal.append(byte)
            }
        }
        if let last = normal.last, last != 0x0A { normal += [0x0D, 0x0A] }
        return normal
    }

    /// The same mail under another serial number, so that each attempt to send it can be told apart.
    public func attempt(_ number: Int) -> OutgoingMail {
        OutgoingMail(
            name: name, sender: sender, recipients: recipients,
            content: Array("X-Attempt: \(number)\r\n".utf8) + content)
    }
}
