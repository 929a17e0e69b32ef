import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

extension MailboxReplay {
    /// Looks once more for what was refused behind the commit token, if its time has come: for second copies of what went again, and for what
    /// was parked instead and is there all the same.
    func lookLate() async throws {
        let looks = environment.lateLooks.due(id)
        guard !looks.isEmpty else { return }
        for (folder, looks) in Dictionary(grouping: looks, by: \.folder) {
            let ids = looks.reduce(into: Set<MessageID>()) { $0.formUnion($1.ids) }
            do {
                if try await whereItStands(folder) != nil { try await look(late: ids, in: folder) }
            } catch let error as IMAPError where error.code == .refused {
                log(
                    .warning, "a late look for second copies is not made: `layover prove --live` makes it",
                    ["folder": "\(folder.text)", "messages": "\(ids.count)", "server": "\(error)"])
            }
            environment.lateLooks.done(id, looks)
        }
        // What was adopted is not held any more.
        try await environment.blocking { [ledger = environment.ledger] in _ = try ledger.catchUp() }
    }

    private func look(late ids: Set<MessageID>, in folder: MailboxName) async throws {
        let delivered = try await delivered(ids)
        let attempts = try await earlierAttempts(of: ids.sorted(), in: folder)
        var seen: Set<MessageID> = []
        let entries = attempts.flatMap(\.entries).filter { seen.insert($0.id).inserted }
        let others = entries.filter { !delivered.contains($0.id) }
        if !others.isEmpty { _ = try await adoptWhatIsThere(of: attempts, among: others, in: folder) }
        let again = entries.filter { delivered.contains($0.id) }
        guard !again.isEmpty else { return }
        let doubles = try await secondCopies(of: again, since: attempts, in: folder)
        if !doubles.isEmpty {
            try await markDoubtful(
                doubles, "more than one copy is in the mailbox: the server has kept one to which it had said NO")
        }
    }

    /// Those of these messages that the mailbox has, by all that was journaled.
    func delivered(_ ids: Set<MessageID>) async throws -> Set<MessageID> {
        let (ledger, mailboxID) = (environment.ledger, self.id)
        return try await environment.blocking {
            _ = try ledger.catchUp()
            let found = try ledger.foundMail(mailboxID: mailboxID, ids: ids.sorted())
            return Set(found.filter { !$0.delivered.isEmpty || !$0.verified.isEmpty }.map(\.id))
        }
    }
}
