import MailModel

/// Finds our id in a message: the first `X-Layover-Id:` counts, as ours stands above whatever the sender wrote.
enum TraceHeader {
    /// Octets from the start of a message in which the header must stand. Ours comes third, after two short lines.
    static let searchedOctets = 4096

    private static let name = Array("X-LAYOVER-ID:".utf8)

    /// The id in the header lines at the start of `bytes`; nil when the first such header holds none, or there is none.
    static func messageID(in bytes: some Collection<UInt8>) -> MessageID? {
        var rest = bytes[...]
        while let first = rest.first, first != UInt8(ascii: "\n"), first != UInt8(ascii: "\r") {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            guard line.count >= name.count, zip(line, name).allSatisfy({ uppercased($0) == $1 }) else { continue }
            let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            var value = Array(line.dropFirst(name.count).drop(while: isBlank))
            while let last = value.last, isBlank(last) { value.removeLast() }
            return MessageID(bytes: value)
        }
        return nil
    }

    private static func uppercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xDF : byte
    }
}
