import MailModel
import Synchronization

/// Since when no process of ours can send a batch's commit token any more, and what was seen of the batch since.
///
/// A batch of a process that has died was last in its hands some time before we got the mailbox's lock; only that moment is
/// certain, so its settle time runs from there, not from the time in its intent.
final class DoubtClock: Sendable {
    private struct Doubt {
        var since = ContinuousClock.now
        var foundUpTo: UInt32 = 0
        var isAcknowledged = false
    }

    private let doubts = Mutex<[MessageID: Doubt]>([:])

    /// The time since the batch's last possible token, beginning now if it is new.
    func elapsed(_ batch: MessageID) -> Duration {
        let since = doubts.withLock { doubts in
            let doubt = doubts[batch] ?? Doubt()
            doubts[batch] = doubt
            return doubt.since
        }
        return ContinuousClock.now - since
    }

    /// The server was seen to go on with the batch: its time begins anew.
    func restart(_ batch: MessageID) { doubts.withLock { $0[batch, default: Doubt()].since = .now } }

    /// The batch's first messages were found, the last of them with this UID: what is missing can only be above it.
    func found(_ batch: MessageID, upTo uid: UInt32) {
        doubts.withLock { doubts in
            doubts[batch, default: Doubt()].foundUpTo = max(doubts[batch]?.foundUpTo ?? 0, uid)
        }
    }

    /// The last UID of those that were found; 0 where none was.
    func foundUpTo(_ batch: MessageID) -> UInt32 { doubts.withLock { $0[batch]?.foundUpTo ?? 0 } }

    /// The server has said OK to the batch.
    func acknowledge(_ batch: MessageID) { doubts.withLock { $0[batch, default: Doubt()].isAcknowledged = true } }

    func isAcknowledged(_ batch: MessageID) -> Bool { doubts.withLock { $0[batch]?.isAcknowledged ?? false } }

    func forget(_ batch: MessageID) { doubts.withLock { _ = $0.removeValue(forKey: batch) } }
}

/// Copies that this process has tried to verify once: what was gone then need not be asked for at every turn.
final class TriedLeftovers: Sendable {
    // One message can have a copy in many mailboxes.
    private let tries = Mutex<[String: [MessageID: Int]]>([:])
    /// How often a copy is tried where no answer comes.
    private static let triesAtMost = 2

    /// There was an answer.
    func insert(_ id: MessageID, of mailboxID: String) {
        tries.withLock { $0[mailboxID, default: [:]][id] = Self.triesAtMost }
    }

    /// A try begins.
    func tried(_ id: MessageID, of mailboxID: String) {
        tries.withLock { $0[mailboxID, default: [:]][id, default: 0] += 1 }
    }

    func contains(_ id: MessageID, of mailboxID: String) -> Bool {
        tries.withLock { $0[mailboxID]?[id] ?? 0 >= Self.triesAtMost }
    }
}
