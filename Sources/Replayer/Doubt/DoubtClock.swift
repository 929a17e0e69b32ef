import MailModel
import Synchronization

/// Since when no process of ours can send a batch's commit token any more.
///
/// A batch of a process that has died was last in its hands some time before we got the mailbox's lock; only that moment is
/// certain, so its settle time runs from there, not from the time in its intent.
final class DoubtClock: Sendable {
    private let firstSeen = Mutex<[MessageID: ContinuousClock.Instant]>([:])

    /// The time since the batch's last possible token, beginning now if it is new.
    func elapsed(_ batch: MessageID) -> Duration {
        let now = ContinuousClock.now
        return firstSeen.withLock { seen in
            let since = seen[batch] ?? now
            seen[batch] = since
            return now - since
        }
    }

    func forget(_ batch: MessageID) { firstSeen.withLock { _ = $0.removeValue(forKey: batch) } }
}

/// Copies that this process has tried to verify once: what was gone then need not be asked for at every turn.
final class TriedLeftovers: Sendable {
    private let ids = Mutex<Set<MessageID>>([])

    /// True the first time.
    func insert(_ id: MessageID) -> Bool { ids.withLock { $0.insert(id).inserted } }
}
