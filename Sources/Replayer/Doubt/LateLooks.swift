import IMAPProtocol
import Ledger
import MailModel
import Spool
import Synchronization

/// Messages that go again after a NO without a reason that came behind the commit token.
///
/// A NO is the server's last word where the server itself says it. A proxy before it that lost it says NO as well, and the server may
/// commit later. So when it has had its time, the mailbox is looked into once more, for second copies.
/// Kept in this process only: `prove --live` sees what a crash in between leaves unseen.
final class LateLooks: Sendable {
    struct Look: Sendable {
        var folder: MailboxName
        var ids: Set<MessageID>
        var due: ContinuousClock.Instant
    }

    private let looks = Mutex<[String: [Look]]>([:])

    /// The mailboxes that are to be looked into.
    var mailboxIDs: Set<String> { Set(looks.withLock { $0.keys }) }

    func add(_ mailboxID: String, _ folder: MailboxName, _ ids: [MessageID], after time: Duration) {
        let due = ContinuousClock.now + time
        looks.withLock { looks in
            var row = looks[mailboxID] ?? []
            // A batch is halved again and again: each message once, as late as its last refusal wants.
            for index in row.indices { row[index].ids.subtract(ids) }
            row.removeAll(where: \.ids.isEmpty)
            looks[mailboxID] = row + [Look(folder: folder, ids: Set(ids), due: due)]
        }
    }

    func of(_ mailboxID: String) -> [Look] { looks.withLock { $0[mailboxID] ?? [] } }

    func forget(_ mailboxID: String) { looks.withLock { _ = $0.removeValue(forKey: mailboxID) } }
}

extension MailboxReplay {
    /// Looks for second copies of what was refused without a reason and went again. Returns a time to wait where the server may
    /// still commit.
    func lookLate() async throws -> Duration? {
        let looks = environment.lateLooks.of(id)
        guard let last = looks.map(\.due).max() else { return nil }
        let wanted = try await delivered(looks.reduce(into: []) { $0.formUnion($1.ids) })
        let now = ContinuousClock.now
        // What was parked instead is looked for before a person's `retry` sends it.
        guard wanted.isEmpty || last <= now else { return last - now }
        for (folder, looks) in Dictionary(grouping: looks, by: \.folder) {
            let ids = looks.reduce(into: Set<MessageID>()) { $0.formUnion($1.ids) }.intersection(wanted)
            try await lookLate(for: ids.sorted(), in: folder)
        }
        environment.lateLooks.forget(id)
        return nil
    }

    private func delivered(_ ids: Set<MessageID>) async throws -> Set<MessageID> {
        let (ledger, mailboxID) = (environment.ledger, self.id)
        return try await environment.blocking {
            _ = try ledger.catchUp()
            let found = try ledger.foundMail(mailboxID: mailboxID, ids: ids.sorted())
            return Set(found.filter { !$0.delivered.isEmpty || !$0.verified.isEmpty }.map(\.id))
        }
    }

    private func lookLate(for ids: [MessageID], in folder: MailboxName) async throws {
        let attempts = try await earlierAttempts(of: ids, in: folder)
        let entries = attempts.flatMap(\.entries)
        var seen: Set<MessageID> = []
        let each = entries.filter { seen.insert($0.id).inserted }
        guard !each.isEmpty else { return }
        let doubles = try await secondCopies(of: each, since: attempts, in: folder)
        if !doubles.isEmpty {
            try await markDoubtful(
                doubles, "more than one copy is in the mailbox: the server has kept one to which it had said NO")
        }
    }
}
