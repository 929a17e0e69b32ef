/// Bytes as lower-case hexadecimal digits and back.
public enum Hexadecimal {
    /// The digit of a value from 0 to 15.
    private static func digit(_ value: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 10 ? value + 0x30 : value + 0x57)
    }

    public static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digit(UInt64(byte >> 4)))
            text.append(digit(UInt64(byte & 15)))
        }
        return text
    }

    /// The 16 digits of a number, most significant first.
    public static func encode(_ number: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(16)
        append(number, to: &text)
        return text
    }

    /// Puts the 16 digits of a number at the end of `text`.
    public static func append(_ number: UInt64, to text: inout [UInt8]) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            text.append(digit(number >> shift & 15))
        }
    }

    /// The number that exactly 16 digits in either case stand for; nil for anything else.
    public static func number(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard text.count == 16 else { return nil }
        var number: UInt64 = 0
        for byte in text {
            // The low four bits are a digit's value, and a letter's value less nine.
            let isDigit = byte &- 0x30 < 10
            guard isDigit || (byte | 0x20) &- 0x61 < 6 else { return nil }
            number = number << 4 | UInt64(byte & 15 &+ (isDigit ? 0 : 9))
        }
        return number
    }

    /// The value of one digit in either case; nil for any other byte.
    public static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Nil when there is an odd number of digits or a byte that is none.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for digit in text {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
