import IMAPProtocol
import MailModel
import Synchronization

/// Messages that go again, or are parked, after a NO that came behind the commit token.
///
/// A NO is the server's last word where the server itself says it. A proxy before it that lost it says NO as well, and the server may
/// commit later. So when it has had its time, the folder is looked into once more.
/// Kept in memory; a process that comes after takes them over from the journal (`ReplayEngine.recallLateLooks`).
final class LateLooks: Sendable {
    struct Look: Sendable {
        var folder: MailboxName
        var ids: Set<MessageID>
        var due: ContinuousClock.Instant
    }

    private let looks = Mutex<[String: [Look]]>([:])

    /// The mailboxes of which a look is due.
    var due: Set<String> {
        let now = ContinuousClock.now
        return Set(looks.withLock { $0.filter { $0.value.contains { $0.due <= now } }.keys })
    }

    /// The mailboxes with looks that are due or to come.
    var mailboxes: Set<String> { Set(looks.withLock(\.keys)) }

    /// Messages that are still to be looked for.
    var messages: Int { looks.withLock { $0.values.joined().reduce(0) { $0 + $1.ids.count } } }

    func add(_ mailboxID: String, _ folder: MailboxName, _ ids: [MessageID], after time: Duration) {
        let due = ContinuousClock.now + time
        looks.withLock { looks in
            var row = looks[mailboxID] ?? []
            // A batch is halved again and again: each message once, as late as its last refusal wants.
            for index in row.indices where row[index].due <= due { row[index].ids.subtract(ids) }
            row.removeAll(where: \.ids.isEmpty)
            let later = row.filter { $0.due > due }.reduce(into: Set<MessageID>()) { $0.formUnion($1.ids) }
            let new = Set(ids).subtracting(later)
            looks[mailboxID] = new.isEmpty ? row : row + [Look(folder: folder, ids: new, due: due)]
        }
    }

    /// Those that are due. They stay until they are `done`: a look that a lost connection has ended is made again.
    func due(_ mailboxID: String) -> [Look] {
        let now = ContinuousClock.now
        return looks.withLock { ($0[mailboxID] ?? []).filter { $0.due <= now } }
    }

    func done(_ mailboxID: String, _ made: [Look]) {
        looks.withLock { looks in
            let rest = (looks[mailboxID] ?? []).filter { look in
                !made.contains { ($0.folder, $0.due) == (look.folder, look.due) }
            }
            looks[mailboxID] = rest.isEmpty ? nil : rest
        }
    }

    /// Nobody will look any more. Tells of how many messages.
    @discardableResult
    func forget(_ mailboxID: String) -> Int {
        looks.withLock { $0.removeValue(forKey: mailboxID)?.reduce(0) { $0 + $1.ids.count } ?? 0 }
    }
}
