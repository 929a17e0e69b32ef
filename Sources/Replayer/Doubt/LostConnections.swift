import MailModel
import Synchronization

/// How often the connection broke while a message was being appended, so that a message at which a server falls over is found.
///
/// Counted in this process only, and forgotten when the message is delivered.
final class LostConnections: Sendable {
    /// From so many on a message goes alone, so that it can be told from its neighbours.
    static let goesAlone = 2
    /// With so many it is parked: the rest of the mailbox must not wait for it for ever.
    static let isParked = 4

    private struct Key: Hashable {
        let mailboxID: String
        let messageID: MessageID
    }

    private let counts = Mutex<[Key: Int]>([:])

    func count(_ mailboxID: String, _ id: MessageID) -> Int {
        counts.withLock { $0[Key(mailboxID: mailboxID, messageID: id)] ?? 0 }
    }

    func add(_ mailboxID: String, _ ids: [MessageID]) {
        counts.withLock { counts in
            for id in ids { counts[Key(mailboxID: mailboxID, messageID: id), default: 0] += 1 }
        }
    }

    func forget(_ mailboxID: String, _ ids: [MessageID]) {
        counts.withLock { counts in
            for id in ids { counts[Key(mailboxID: mailboxID, messageID: id)] = nil }
        }
    }
}
