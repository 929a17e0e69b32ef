#if canImport(Glibc)
import Glibc
#endif

/// A queue that one thread empties in groups: whatever is ready when it looks, up to a limit.
final class GroupQueue<Element: Sendable>: @unchecked Sendable {  // Safe because every field is touched under `mutex` only.
    /// How often the thread lets others run first. Each turn lasts some milliseconds at the most, and what came first waits for all.
    private static var gatheringTurns: Int { 4 }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var elements: [Element] = []
    private var isClosed = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(mutex)
        filled.deallocate()
        mutex.deallocate()
    }

    /// False where the queue is closed and took nothing.
    func append(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        let (isTaken, wasEmpty) = (!isClosed, elements.isEmpty)
        if isTaken { elements.append(element) }
        pthread_mutex_unlock(mutex)
        // Behind the lock, or the thread that wakes would go to sleep on it again at once.
        if isTaken && wasEmpty { pthread_cond_signal(filled) }
        return isTaken
    }

    /// Elements that nobody has taken yet.
    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return elements.count
    }

    /// Waits until something is there and takes it all. Nil once the queue is closed and empty.
    func takeAll() -> [Element]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while elements.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(filled, mutex)
        }
        gather()
        var taken: [Element] = []
        swap(&taken, &elements)
        return taken
    }

    /// On a busy machine those who are about to add something run first, so that one sync serves them too, for as long as each turn
    /// brings more; on an idle one nobody waits for the processor, and this returns at once. Called under `mutex`.
    private func gather() {
        var known = 0
        for _ in 0..<Self.gatheringTurns where elements.count > known {
            known = elements.count
            pthread_mutex_unlock(mutex)
            sched_yield()
            pthread_mutex_lock(mutex)
        }
    }

    /// Nothing more is taken; what is in the queue still comes out.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(filled)
        pthread_mutex_unlock(mutex)
    }
}
