/// `Name: value` lines up to an empty line or the end, read one after the other.
struct FieldLines: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    /// The bytes must outlive the iteration.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> (name: String, value: String)? {
        while offset < bytes.count {
            let start = offset
            let end = bytes.index(of: lineFeed, from: start) ?? bytes.count
            offset = end + 1
            if start == end { return nil }
            guard let colon = bytes.index(of: UInt8(ascii: ":"), from: start), colon < end else { continue }
            var value = colon + 1
            while value < end, bytes[value] == space { value += 1 }
            return (
                String(decoding: bytes[start..<colon], as: UTF8.self),
                String(decoding: bytes[value..<end], as: UTF8.self)
            )
        }
        return nil
    }
}
