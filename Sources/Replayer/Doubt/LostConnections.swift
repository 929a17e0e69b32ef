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
        /// The server was seen to be well since: it goes once more, and what comes of that tells.
        var isOnTrial = false
        var hasFailedOnTrial = false

        /// It is kept back until another message shows that the server is well, or for good where that was seen.
        var isSuspect: Bool { count >= LostConnections.isParked && (!isOnTrial || hasFailedOnTrial) }
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
                var row = losses[Key(mailboxID: mailboxID, messageID: id)] ?? Losses(suspect: suspect)
                row.count += 1
                row.suspect = suspect
                row.hasFailedOnTrial = row.isOnTrial
                losses[Key(mailboxID: mailboxID, messageID: id)] = row
            }
        }
    }

    /// The mailbox's messages that were the last so often that they may be to blame, from this run or earlier ones.
    func suspects(_ mailboxID: String) -> [Suspect] {
        losses.withLock { losses in
            losses.filter { $0.key.mailboxID == mailboxID && $0.value.isSuspect }.map(\.value.suspect)
        }.sorted { $0.id < $1.id }
    }

    /// The server has taken another message. True where the suspect has failed since it was known to be well: it is to blame. Else it
    /// goes once more.
    func isConvicted(_ mailboxID: String, _ id: MessageID) -> Bool {
        losses.withLock { losses in
            let key = Key(mailboxID: mailboxID, messageID: id)
            guard let row = losses[key], !row.hasFailedOnTrial else { return true }
            losses[key]?.isOnTrial = true
            return false
        }
    }

    func hasFailedOnTrial(_ mailboxID: String, _ id: MessageID) -> Bool {
        losses.withLock { $0[Key(mailboxID: mailboxID, messageID: id)]?.hasFailedOnTrial ?? false }
    }

    /// No other message is there to tell: the next run tries these again, each alone.
    func giveAnotherTry(_ mailboxID: String, _ ids: [MessageID]) {
        losses.withLock { losses in
            for id in ids { losses[Key(mailboxID: mailboxID, messageID: id)]?.count = Self.isParked - 1 }
        }
    }

    func forget(_ mailboxID: String, _ ids: [MessageID]) {
        losses.withLock { losses in
            for id in ids { losses[Key(mailboxID: mailboxID, messageID: id)] = nil }
        }
    }
}
