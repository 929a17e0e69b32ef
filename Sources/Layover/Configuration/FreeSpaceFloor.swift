import MailModel

/// The free space below which no new mail is taken: a share of the file system, or a fixed size.
enum FreeSpaceFloor: Hashable, Sendable {
    case percent(Int)
    case size(ByteCount)

    /// Parses `5%` (1 to 90) or a size above nothing.
    init?(_ text: String) {
        if text.hasSuffix("%") {
            let digits = text.dropLast().reversed().drop { $0 == " " }.reversed()
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let percent = Int(String(digits)),
                (1...90).contains(percent)
            else { return nil }
            self = .percent(percent)
        } else {
            guard let size = ByteCount(text), size.bytes > 0 else { return nil }
            self = .size(size)
        }
    }

    /// The floor in bytes on a file system of a given size.
    func bytes(ofTotal total: ByteCount) -> ByteCount {
        switch self {
        // First the division, so that no disk is large enough to overflow.
        case .percent(let percent): ByteCount(total.bytes / 100 * percent + total.bytes % 100 * percent / 100)
        case .size(let size): size
        }
    }
}

extension FreeSpaceFloor: CustomStringConvertible {
    var description: String {
        switch self {
        case .percent(let percent): "\(percent)%"
        case .size(let size): "\(size)"
        }
    }
}
