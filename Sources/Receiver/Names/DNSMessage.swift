import NIOCore

/// One question to the DNS (RFC 1035 §4.1.2).
struct DNSQuestion: Hashable, Sendable {
    enum RecordType: UInt16, Sendable {
        case a = 1
        case ptr = 12
        case aaaa = 28
    }

    /// Lower case, without a dot at the end.
    let name: String
    let type: RecordType

    /// The reversed octets or nibbles of an address below a zone: `1.2.0.192.in-addr.arpa` (RFC 1035 §3.5, RFC 3596 §2.5).
    static func reversed(_ address: IPAddressBits, below zone: String) -> String {
        let labels =
            address.isIPv4
            ? address.octets.reversed().map { String($0) }
            : address.octets.reversed().flatMap { [String($0 & 0x0F, radix: 16), String($0 >> 4, radix: 16)] }
        return (labels + [zone]).joined(separator: ".")
    }
}

/// What the DNS has answered.
struct DNSAnswer: Hashable, Sendable {
    /// Of A and AAAA records: 4 or 16 octets each.
    var addresses: [[UInt8]] = []
    /// Of PTR records: host names only, lower case.
    var names: [String] = []
    var secondsToLive: UInt32 = 60
}

/// Writes questions and reads answers. Pure; whatever a stranger's name server sends leads to an answer or to nil.
enum DNSMessage {
    /// What a server may send in one datagram, where it understands EDNS (RFC 6891 §6.2.5): fits every path unfragmented. Others send
    /// 512 octets. What does not fit is marked as cut off, and counts as no answer.
    static let longestAnswer: UInt16 = 1232
    private static let longestName = 255
    /// Records of one answer that are looked at.
    private static let records = 64
    private static let names = 4

    /// Nil for a name that cannot be asked for.
    static func query(_ question: DNSQuestion, id: UInt16, usesEDNS: Bool = true) -> ByteBuffer? {
        var buffer = ByteBuffer()
        // One question, recursion desired.
        let additional: UInt16 = usesEDNS ? 1 : 0
        buffer.writeMultipleIntegers(id, UInt16(0x0100), UInt16(1), UInt16(0), UInt16(0), additional)
        guard writeName(question.name, to: &buffer) else { return nil }
        buffer.writeMultipleIntegers(question.type.rawValue, UInt16(1))
        // OPT: the root's name, 41, the size, version 0 without flags, no options (RFC 6891 §6.1.2).
        if usesEDNS { buffer.writeMultipleIntegers(UInt8(0), UInt16(41), longestAnswer, UInt32(0), UInt16(0)) }
        return buffer
    }

    /// What a datagram that is no answer says of itself.
    enum Refusal: Equatable {
        /// The server does not understand EDNS: 1 (format error) or 4 (not implemented).
        case doesNotKnowEDNS
        /// It fails, refuses, or has cut the answer off: waiting longer brings nothing.
        case final
    }

    /// Nil for a datagram that belongs to another question.
    static func refusal(_ message: ByteBuffer, id: UInt16) -> Refusal? {
        let whole = message.slice()
        guard let head = whole.getMultipleIntegers(at: 0, as: (UInt16, UInt16).self), head.0 == id, head.1 & 0x8000 != 0
        else { return nil }
        let (code, isTruncated) = (head.1 & 0x000F, head.1 & 0x0200 != 0)
        if code == 1 || code == 4 { return .doesNotKnowEDNS }
        return isTruncated || (code != 0 && code != 3) ? .final : nil
    }

    private static func writeName(_ name: String, to buffer: inout ByteBuffer) -> Bool {
        guard (1..<longestName - 1).contains(name.utf8.count) else { return false }
        for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count) else { return false }
            buffer.writeInteger(UInt8(label.count))
            buffer.writeBytes(label)
        }
        buffer.writeInteger(UInt8(0))
        return true
    }

    /// Nil unless this is an answer to exactly that question: anybody can send a datagram. A name that does not exist is an empty
    /// answer; a server that fails or refuses, or an answer that was cut short, is nil.
    static func answer(_ message: ByteBuffer, to question: DNSQuestion, id: UInt16) -> DNSAnswer? {
        let whole = message.slice()
        guard let head = whole.getMultipleIntegers(at: 0, as: (UInt16, UInt16, UInt16, UInt16).self), head.0 == id,
            // A response to a plain query, not truncated.
            head.1 & 0xFA00 == 0x8000, head.2 == 1
        else { return nil }
        let code = head.1 & 0x000F
        guard code == 0 || code == 3 else { return nil }
        var position = 12
        guard let asked = readName(whole, at: &position), asked == question.name,
            let kind = whole.getMultipleIntegers(at: position, as: (UInt16, UInt16).self),
            kind == (question.type.rawValue, 1)
        else { return nil }
        position += 4
        var answer = DNSAnswer()
        for index in 0..<min(Int(head.3), records) {
            guard readRecord(whole, at: &position, isFirst: index == 0, question.type, into: &answer) else {
                return nil
            }
        }
        return answer
    }

    private static func readRecord(
        _ whole: ByteBuffer, at position: inout Int, isFirst: Bool, _ type: DNSQuestion.RecordType,
        into answer: inout DNSAnswer
    ) -> Bool {
        guard readName(whole, at: &position) != nil,
            let head = whole.getMultipleIntegers(at: position, as: (UInt16, UInt16, UInt32, UInt16).self)
        else { return false }
        position += 10
        let (start, length) = (position, Int(head.3))
        guard let data = whole.getBytes(at: start, length: length) else { return false }
        position += length
        guard head.1 == 1, head.0 == type.rawValue else { return true }
        answer.secondsToLive = isFirst ? head.2 : min(answer.secondsToLive, head.2)
        switch type {
        case .a: if length == 4 { answer.addresses.append(data) }
        case .aaaa: if length == 16 { answer.addresses.append(data) }
        case .ptr:
            var inside = start
            if let name = readName(whole, at: &inside), isHostName(name), answer.names.count < names {
                answer.names.append(name)
            }
        }
        return true
    }

    /// A name, maybe compressed (RFC 1035 §4.1.4). A pointer must point back, so that no name goes round in circles.
    private static func readName(_ whole: ByteBuffer, at position: inout Int) -> String? {
        var labels: [String] = []
        var (cursor, end, octets) = (position, Int?.none, 0)
        while true {
            guard let length = whole.getInteger(at: cursor, as: UInt8.self) else { return nil }
            switch length {
            case 0:
                position = end ?? cursor + 1
                return labels.joined(separator: ".")
            case 1...63:
                guard let label = whole.getBytes(at: cursor + 1, length: Int(length)) else { return nil }
                octets += label.count + 1
                guard octets < longestName else { return nil }
                labels.append(String(decoding: label, as: UTF8.self).lowercased())
                cursor += 1 + label.count
            case 0xC0...0xFF:
                guard let pointer = whole.getInteger(at: cursor, as: UInt16.self) else { return nil }
                let target = Int(pointer & 0x3FFF)
                guard target < cursor else { return nil }
                end = end ?? cursor + 2
                cursor = target
            default: return nil
            }
        }
    }

    /// Letters, digits, hyphens and underscores: the name goes into `Received:` and into the log.
    static func isHostName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
            }
    }
}
