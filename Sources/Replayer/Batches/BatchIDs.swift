import MailModel
import Synchronization

/// Names for batches.
final class BatchIDs: Sendable {
    private let generator = Mutex(MessageIDGenerator())

    func next(_ now: Timestamp) -> MessageID { generator.withLock { $0.next(now: now) } }
}
