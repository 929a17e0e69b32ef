/// `Name: value` lines up to an empty line or the end, read one after the other.
struct FieldLines: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    /// The bytes must outlive the iteration.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> (name: String, value: String)? {
        while offset < bytes.count {
            let end = bytes[offset...].firstIndex(of: lineFeed) ?? bytes.count
            let line = bytes[offset..<end]
            offset = end + 1
            if line.isEmpty { return nil }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].drop { $0 == space }
            return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return nil
    }
}
