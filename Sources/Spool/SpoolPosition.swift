/// A place in the one order of all accepted messages: a segment and an offset into it, in bytes.
public struct SpoolPosition: Hashable, Sendable, Comparable {
    public var segment: Int
    public var offset: Int

    public init(segment: Int, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    /// Before the first message.
    public static let start = SpoolPosition(segment: 0, offset: 0)

    public static func < (left: SpoolPosition, right: SpoolPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
