import MailModel
import Synchronization

/// How often the connection broke, or the server failed, while a message was being appended, so that a message at which a server falls
/// over is found.
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

    private struct Losses {
        var count = 0
        var suspect: Suspect
    }

    private let losses = Mutex<[Key: Losses]>([:])

    func count(_ mailboxID: String, _ id: MessageID) -> Int {
        losses.withLock { $0[Key(mailboxID: mailboxID, messageID: id)]?.count ?? 0 }
    }

    /// - Parameter words: the server's, for the case that it is parked.
    func add(_ mailboxID: String, _ ids: [MessageID], errorClass: String = Suspect.breaksConnection, words: String) {
        losses.withLock { losses in
            for id in ids {
                let suspect = Suspect(id: id, errorClass: errorClass, words: words)
                losses[Key(mailboxID: mailboxID, messageID: id), default: Losses(suspect: suspect)].count += 1
                losses[Key(mailboxID: mailboxID, messageID: id)]?.suspect = suspect
            }
        }
    }

    /// The message, where it was the last so often that it may be to blame.
    func suspect(_ mailboxID: String, _ id: MessageID) -> Suspect? {
        losses.withLock { losses in
            losses[Key(mailboxID: mailboxID, messageID: id)].flatMap { $0.count >= Self.isParked ? $0.suspect : nil }
        }
    }

    func forget(_ mailboxID: String, _ ids: [MessageID]) {
        losses.withLock { losses in
            for id in ids { losses[Key(mailboxID: mailboxID, messageID: id)] = nil }
        }
    }
}
