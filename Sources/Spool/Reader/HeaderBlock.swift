/// Where the header of a message ends.
enum HeaderBlock {
    /// Bytes up to and including the empty line, or all where there is none.
    static func length(of bytes: UnsafeRawBufferPointer) -> Int {
        var start = 0
        while start < bytes.count {
            guard let end = bytes.index(of: lineFeed, from: start) else { return bytes.count }
            if end == start || (end == start + 1 && bytes[start] == UInt8(ascii: "\r")) { return end + 1 }
            start = end + 1
        }
        return bytes.count
    }
}
