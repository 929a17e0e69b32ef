/// The 32 bytes of a SHA-256.
public struct SHA256Digest: Hashable, Sendable {
    public let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes the first 32 bytes of `bytes`, which must hold at least that many.
    public init(_ bytes: UnsafeRawBufferPointer) {
        words = (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        )
    }

    /// Takes 32 bytes; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self = Array(bytes).withUnsafeBytes { SHA256Digest($0) }
    }

    /// Parses 64 hexadecimal digits in either case; nil for anything else.
    public init?(hex: some Collection<UInt8>) {
        let parsed = hex.withContiguousStorageIfAvailable { SHA256Digest(hex: UnsafeRawBufferPointer($0)) }
        guard let digest = parsed ?? Array(hex).withUnsafeBytes({ SHA256Digest(hex: $0) }) else { return nil }
        self = digest
    }

    /// Parses 64 hexadecimal digits in either case; nil for anything else.
    public init?(hex: UnsafeRawBufferPointer) {
        guard hex.count == 64 else { return nil }
        func word(_ index: Int) -> UInt64? {
            Hexadecimal.number(UnsafeRawBufferPointer(rebasing: hex[(16 * index)..<(16 * index + 16)]))
        }
        guard let first = word(0), let second = word(1), let third = word(2), let fourth = word(3) else { return nil }
        words = (first, second, third, fourth)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        let bigEndian = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return withUnsafeBytes(of: bigEndian) { Array($0) }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Puts the 64 digits at the end of `text`.
    public func appendHex(to text: inout [UInt8]) {
        Hexadecimal.append(words.0, to: &text)
        Hexadecimal.append(words.1, to: &text)
        Hexadecimal.append(words.2, to: &text)
        Hexadecimal.append(words.3, to: &text)
    }

    public static func == (left: SHA256Digest, right: SHA256Digest) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension SHA256Digest {
    /// 32 zero bytes: what a chain begins with.
    public static let zero = SHA256Digest(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }
}
