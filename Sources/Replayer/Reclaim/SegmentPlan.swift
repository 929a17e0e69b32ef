import Ledger
import MailModel

/// What could be given back of one segment, by what the Ledger says.
struct SegmentPlan {
    let number: Int
    /// Bytes of the file.
    let size: Int
    let candidates: [ReclaimCandidate]
    /// Messages whose bytes go.
    private(set) var dead: Set<MessageID>
    /// Why messages that were dead a moment ago are not: their mailbox could not be asked, or has lost too much.
    private var spared = 0

    init(number: Int, size: Int, candidates: [ReclaimCandidate]) {
        self.number = number
        self.size = size
        self.candidates = candidates
        dead = Set(candidates.lazy.filter { !$0.isReclaimed && $0.obstacle == nil }.map(\.id))
    }

    /// Those whose bytes are still there.
    private var present: some Sequence<ReclaimCandidate> { candidates.lazy.filter { !$0.isReclaimed } }

    /// The copies that are all there is once the bytes are gone.
    var copies: [PlacedCopy] { present.filter { dead.contains($0.id) }.flatMap(\.copies) }

    /// Bytes that the dead messages occupy, in the segment and as large files.
    var deadBytes: Int { present.reduce(0) { $0 + (dead.contains($1.id) ? $1.occupied : 0) } }

    var isEmptied: Bool { present.allSatisfy { dead.contains($0.id) } }

    /// Enough is dead: all of it, or so much that copying the rest pays.
    var isWorthIt: Bool {
        guard !dead.isEmpty else { return false }
        let all = present.reduce(0) { $0 + $1.occupied }
        return isEmptied || deadBytes * 100 >= all * ReclaimLimits.deadPercent
    }

    /// Keeps what a mailbox does not let go.
    mutating func spare(_ isLet: (PlacedCopy) -> Bool) {
        for candidate in present where dead.contains(candidate.id) && !candidate.copies.allSatisfy(isLet) {
            dead.remove(candidate.id)
            spared += 1
        }
    }

    /// Why the segment stays, for a person.
    var reasonToStay: String {
        let living = present.filter { !dead.contains($0.id) }
        var reasons: [String: Int] = [:]
        for case let obstacle? in living.map(\.obstacle) { reasons[Self.kind(obstacle), default: 0] += 1 }
        var parts = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map { "\($0.value) \($0.key)" }
        if spared > 0 { parts.append("\(spared) whose mailbox could not be asked or has lost copies") }
        let share = dead.isEmpty ? "" : "only \(deadBytes) bytes could go; "
        return share + "of \(living.count) messages " + parts.joined(separator: ", ")
    }

    /// The obstacle without what differs from message to message.
    private static func kind(_ obstacle: ReclaimObstacle) -> String {
        if case .retained = obstacle { return "within the retention time" }
        return obstacle.text
    }
}

extension ReclaimCandidate {
    /// Bytes on disk.
    fileprivate var occupied: Int { recordLength + (isLarge ? length : 0) }
}
