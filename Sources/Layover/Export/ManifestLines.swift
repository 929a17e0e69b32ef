/// The lines of a manifest, one after the other, without their LF.
struct ManifestLines {
    /// A line of a thousand recipients takes some 400 KiB.
    private static let longestLine = 64 << 20

    /// The next piece, by the offset at which it begins; empty at the end.
    private let read: (Int) throws -> [UInt8]
    private var offset = 0
    private var waiting: ArraySlice<UInt8> = []

    init(_ read: @escaping (Int) throws -> [UInt8]) { self.read = read }

    /// Nil at the end.
    mutating func next() throws -> [UInt8]? {
        while true {
            if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                defer { waiting = waiting[(end + 1)...] }
                return Array(waiting[..<end])
            }
            let piece = try read(offset)
            offset += piece.count
            guard !piece.isEmpty, waiting.count < Self.longestLine else {
                defer { waiting = [] }
                return waiting.isEmpty ? nil : Array(waiting)
            }
            waiting = (waiting + piece)[...]
        }
    }
}
