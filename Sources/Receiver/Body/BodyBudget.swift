import Synchronization

/// The one account of memory for bodies in flight. That it is spent is told once, and again only after half of it was free.
final class BodyBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)
    private let isTold = Atomic<Bool>(false)
    private let onSpent = Mutex<@Sendable () -> Void>({})

    init(limit: Int) { self.limit = limit }

    var isSpent: Bool { used.load(ordering: .relaxed) > limit }
    var bytes: Int { used.load(ordering: .relaxed) }

    /// - Parameter body: called on any event loop.
    func whenSpent(_ body: @escaping @Sendable () -> Void) { onSpent.withLock { $0 = body } }

    func take(_ bytes: Int) {
        let now = used.add(bytes, ordering: .relaxed).newValue
        if now > limit, !isTold.exchange(true, ordering: .relaxed) { onSpent.withLock { $0 }() }
    }

    func giveBack(_ bytes: Int) {
        let now = used.subtract(bytes, ordering: .relaxed).newValue
        if now <= limit / 2, isTold.load(ordering: .relaxed) { isTold.store(false, ordering: .relaxed) }
    }
}
