import Synchronization

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

/// The kernel's calls, interrupted (EINTR) as often as they go through, and never doing more than `most` bytes at once.
final class StutteringCalls: Sendable {
    private let most: Int
    private let interruptions: Int
    private let count = Atomic<Int>(0)
    private let syncs = Atomic<Int>(0)

    /// - Parameter interruptions: how often each call is interrupted before it goes through.
    init(most: Int, interruptions: Int) {
        self.most = most
        self.interruptions = interruptions
    }

    /// How often a sync was asked for.
    var syncsAsked: Int { syncs.load(ordering: .relaxed) }

    private func isInterrupted() -> Bool {
        let number = count.add(1, ordering: .relaxed).oldValue
        guard interruptions > 0, number % (interruptions + 1) < interruptions else { return false }
        errno = EINTR
        return true
    }

    var calls: FileCalls {
        FileCalls(
            write: { [self] descriptor, vectors, count, offset in
                if isInterrupted() { return -1 }
                var first = vectors[0]
                first.iov_len = min(first.iov_len, most)
                // A short write may also end within the second piece.
                if first.iov_len == vectors[0].iov_len, count > 1, first.iov_len < most {
                    var pair = [first, vectors[1]]
                    pair[1].iov_len = min(pair[1].iov_len, most - first.iov_len)
                    return pwritev(descriptor, pair, 2, offset)
                }
                return pwritev(descriptor, &first, 1, offset)
            },
            read: { [self] descriptor, buffer, count, offset in
                isInterrupted() ? -1 : pread(descriptor, buffer, min(count, most), offset)
            },
            truncate: { [self] descriptor, size in isInterrupted() ? -1 : ftruncate(descriptor, size) },
            sync: { [self] descriptor in
                syncs.add(1, ordering: .relaxed)
                return fdatasync(descriptor)
            })
    }
}
