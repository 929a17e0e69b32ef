/// Some UIDs as ascending ranges: `4:7,9` (RFC 3501 §9, sequence-set). Never holds `*`: `n:*` always names the last message, even
/// one below `n`.
public struct UIDSet: Hashable, Sendable {
    /// Ascending, neither touching nor overlapping.
    public let ranges: [ClosedRange<UID>]

    /// Sorts, drops repetitions and joins neighbours. O(n log n).
    public init(_ uids: some Sequence<UID>) {
        var ranges: [ClosedRange<UID>] = []
        for uid in uids.sorted() {
            if let last = ranges.last, uid.number - last.upperBound.number <= 1 {
                ranges[ranges.count - 1] = last.lowerBound...uid
            } else {
                ranges.append(uid...uid)
            }
        }
        self.ranges = ranges
    }

    public init(_ range: ClosedRange<UID>) { ranges = [range] }

    private init(ranges: [ClosedRange<UID>]) { self.ranges = ranges }

    public var isEmpty: Bool { ranges.isEmpty }

    public var count: Int {
        ranges.reduce(0) { $0 + Int($1.upperBound.number - $1.lowerBound.number) + 1 }
    }

    /// O(log n).
    public func contains(_ uid: UID) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < uid { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(uid)
    }

    /// `4:7,9`
    public var text: String {
        ranges.map(Self.text).joined(separator: ",")
    }

    private static func text(_ range: ClosedRange<UID>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
    }

    /// Sets which hold at most `count` UIDs each, with texts of at most `length` octets, in ascending order. Zimbra takes lines of 10,240
    /// octets (`zimbraImapMaxRequestSize`).
    public func split(count: Int, length: Int) -> [UIDSet] {
        var sets: [UIDSet] = []
        var current: [ClosedRange<UID>] = []
        var (held, octets) = (0, 0)
        func close() {
            if !current.isEmpty { sets.append(UIDSet(ranges: current)) }
            (current, held, octets) = ([], 0, 0)
        }
        let most = max(1, count)
        for var range in ranges {
            while true {
                // A range takes at most "4294967295:4294967295,".
                if held >= most || octets > length - 22 { close() }
                let size = Int(range.upperBound.number - range.lowerBound.number) + 1
                let taken = min(size, most - held)
                let last = UID(checked: range.lowerBound.number + UInt32(taken - 1))
                let piece = range.lowerBound...last
                current.append(piece)
                held += taken
                octets += Self.text(piece).utf8.count + 1
                if taken == size { break }
                range = UID(checked: last.number + 1)...range.upperBound
            }
        }
        close()
        return sets
    }
}
