/// The name of one accepted message: 26 lower-case letters and digits, in order of time.
///
/// It stands in the `250` reply, in `Received:`, in every log line and, as `X-Layover-Id:`, in the mailbox copy.
/// 48 bits of Unix time in milliseconds come first, then 80 random bits, written in Crockford's base 32 in lower case
/// (`0123456789abcdefghjkmnpqrstvwxyz`), so that sorting the text sorts by time of reception.
public struct MessageID: Hashable, Sendable, Comparable {
    /// Bits 127…64: the time and the first 16 random bits.
    public let high: UInt64
    /// Bits 63…0: the other 64 random bits.
    public let low: UInt64

    /// The length of the text form.
    public static let textLength = 26

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Builds an id from its time, in milliseconds since 1970, and 80 random bits.
    public init(milliseconds: UInt64, random high: UInt16, _ low: UInt64) {
        self.high = milliseconds << 16 | UInt64(high)
        self.low = low
    }

    /// Milliseconds since 1970 at which the id was made.
    public var milliseconds: UInt64 { high >> 16 }

    public static func < (left: MessageID, right: MessageID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The value of each byte in the alphabet; 255 where the byte is not in it.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }()

    /// Parses the 26 bytes of the text form; nil for anything else, also for upper case.
    public init?(bytes: some Collection<UInt8>) {
        let parsed = bytes.withContiguousStorageIfAvailable { MessageID(text: UnsafeRawBufferPointer($0)) }
        guard let id = parsed ?? Array(bytes).withUnsafeBytes({ MessageID(text: $0) }) else { return nil }
        self = id
    }

    private init?(text: UnsafeRawBufferPointer) {
        guard text.count == Self.textLength else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<Self.textLength {
            let value = Self.values[Int(text[index])]
            guard value < 32, index > 0 || value < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        self.init(high: high, low: low)
    }

    /// The 26 bytes of the text form.
    public var bytes: [UInt8] {
        var text = [UInt8](repeating: 0, count: Self.textLength)
        var (high, low) = (self.high, self.low)
        for index in stride(from: Self.textLength - 1, through: 0, by: -1) {
            text[index] = Self.alphabet[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return text
    }
}

extension MessageID: LosslessStringConvertible {
    public init?(_ description: String) { self.init(bytes: Array(description.utf8)) }
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
