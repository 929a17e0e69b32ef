import MailModel

/// One segment by its number and its nonce: another file of the same name has another.
public struct SegmentMark: Hashable, Sendable {
    public var segment: Int
    public var nonce: UInt64

    public init(segment: Int, nonce: UInt64) {
        self.segment = segment
        self.nonce = nonce
    }
}

extension SpoolReader {
    /// Why the segments cannot be those that were read up to `end`, the last of them being `mark`; nil where they can.
    ///
    /// A segment that is gone while there are later ones was given up when its mail was delivered.
    public func contradiction(to mark: SegmentMark, readTo end: SpoolPosition) throws -> String? {
        guard mark.segment > 0, mark.segment == end.segment, end.offset > 0 else { return nil }
        let path = layout.segment(mark.segment)
        do {
            let file = try fileSystem.open(path, .readOnly)
            let bytes = try file.read(FileHeader.segmentLength, at: 0)
            if let header = FileHeader.parse(bytes, kind: .segment, hasher: SHA256Hasher()),
                Self.number(header.nonce) != mark.nonce
            {
                return "\(path) is another file than the one that was read"
            }
            let size = try file.size()
            return size < end.offset ? "\(path) ends at byte \(size) and was read to byte \(end.offset)" : nil
        } catch let error as SpoolError where error.code == .missing {
            let last = try fileSystem.numbers(in: layout.segments, suffix: ".seg").last ?? 0
            return last < mark.segment ? "\(path) is gone, and it was the last" : nil
        }
    }

    static func number(_ nonce: [UInt8]) -> UInt64 {
        nonce.withUnsafeBytes { Hexadecimal.number($0) } ?? 0
    }
}
