import IMAPProtocol

/// The UIDs of a folder in ranges to ask for: narrow where messages lie close, wide where there are gaps.
///
/// A mailbox of half a million messages is read some hundreds at a time, and one with a UIDNEXT of ten million and few messages is
/// not asked ten thousand times.
struct UIDPages {
    private static let narrowest = 500
    /// A bound on what one answer can hold, should a gap end in a crowd.
    private static let widest = 50_000
    /// Messages in one answer above which the next range is half as wide, and a quarter of them below which it is twice as wide.
    private static let manyMessages = 2_000

    private let end: Int
    private var next: Int
    private var width = narrowest

    /// - Parameters:
    ///   - start: the first UID that is looked at.
    ///   - uidNext: no message is looked for from there on.
    init(from start: UInt32 = 1, uidNext: UInt32) {
        next = Int(max(1, start))
        end = Int(uidNext)
    }

    /// The next range; nil behind the last.
    mutating func range() -> ClosedRange<UID>? {
        let last = min(end - 1, next + width - 1)
        guard next <= last, let first = UID(UInt32(clamping: next)), let upper = UID(UInt32(clamping: last)) else {
            return nil
        }
        next = last + 1
        return first...upper
    }

    /// So many messages were in the range given last.
    mutating func found(_ messages: Int) {
        if messages > Self.manyMessages {
            width = max(Self.narrowest, width / 2)
        } else if messages < Self.manyMessages / 4 {
            width = min(Self.widest, width * 2)
        }
    }
}
