#if canImport(Glibc)
import Glibc
#endif

/// A queue that one thread empties in groups: whatever is ready when it looks, up to a limit.
final class GroupQueue<Element: Sendable>: @unchecked Sendable {  // Safe because every field is touched under `mutex` only.
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
        var taken: [Element] = []
        swap(&taken, &elements)
        return taken
    }

    /// Nothing more is taken; what is in the queue still comes out.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(filled)
        pthread_mutex_unlock(mutex)
    }
}
