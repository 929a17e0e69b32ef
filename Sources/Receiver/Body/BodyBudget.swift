import Synchronization

/// The one account of memory for bodies in flight.
final class BodyBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var isSpent: Bool { used.load(ordering: .relaxed) > limit }
    var bytes: Int { used.load(ordering: .relaxed) }

    func take(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }
    func giveBack(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}
