import MailModel

/// The first line of a segment or journal file.
///
///     LAYOVER1 segment <number> <nonce> <created>                    <check>\n
///     LAYOVER1 journal <number> <nonce> <created> <sequence> <chain> <check>\n
struct FileHeader: Hashable {
    enum Kind: String {
        case segment, journal
    }

    var kind: Kind
    var number: Int
    /// 16 hexadecimal digits, random for each file: stands in every record of this file and nowhere else.
    var nonce: [UInt8]
    var created: Timestamp
    /// Journal only: the sequence number of the first act in this file, and the chain before it.
    var sequence: UInt64 = 0
    var chain: SHA256Digest = .zero

    static let segmentLength = 85
    static let journalLength = 171

    static func length(_ kind: Kind) -> Int { kind == .segment ? segmentLength : journalLength }

    /// Sixteen digits from the system's random source.
    static func freshNonce() -> [UInt8] { Hexadecimal.encode(UInt64.random(in: .min ... .max)) }

    func encode(hasher: SHA256Hasher) -> [UInt8] {
        var line = RecordHeader.magic + Array(kind.rawValue.utf8) + [space]
        FixedWidth.append(number, width: 8, to: &line)
        line += [space] + nonce + [space] + Array(created.rfc3339.utf8) + [space]
        if kind == .journal {
            FixedWidth.append(Int(clamping: sequence), width: 20, to: &line)
            line += [space] + Array(chain.hex.utf8) + [space]
        }
        line += RecordHeader.check(line, hasher: hasher)
        line.append(lineFeed)
        return line
    }

    /// Nil where the bytes are no such line or do not fit their check.
    static func parse(_ bytes: [UInt8], kind: Kind, hasher: SHA256Hasher) -> FileHeader? {
        let length = length(kind)
        guard bytes.count >= length else { return nil }
        let line = Array(bytes[..<(length - 17)])
        guard bytes[length - 1] == lineFeed,
            bytes[(length - 17)..<(length - 1)].elementsEqual(RecordHeader.check(line, hasher: hasher))
        else { return nil }
        let fields = line.split(separator: space)
        guard fields.count == (kind == .segment ? 5 : 7), fields[0].elementsEqual(RecordHeader.magic.dropLast()),
            fields[1].elementsEqual(kind.rawValue.utf8), let number = Int(String(decoding: fields[2], as: UTF8.self)),
            let created = Timestamp(rfc3339: String(decoding: fields[4], as: UTF8.self))
        else { return nil }
        var header = FileHeader(kind: kind, number: number, nonce: Array(fields[3]), created: created)
        if kind == .journal {
            guard let sequence = UInt64(String(decoding: fields[5], as: UTF8.self)),
                let chain = SHA256Digest(hex: fields[6])
            else { return nil }
            header.sequence = sequence
            header.chain = chain
        }
        return header
    }
}
