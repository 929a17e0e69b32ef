import Ledger
import MailModel
import Spool

/// What every verb that works with the spool does first, and says of a spool that was brought back.
enum RestoredSpool {
    /// Journals that the spool was restored, copied or cut, if it was, and says so.
    static func notice(_ configuration: LayoverConfiguration, by caller: String) throws {
        let journal = try Journal(layout: configuration.layout, by: caller)
        defer { journal.close() }
        let watch = RestoreWatch(journal: journal, rules: configuration.addressRules)
        if let notice = try watch.look() { StandardError.write("layover: \(notice)\n") }
    }

    /// One line where mailboxes among these are still to be looked into; nil where none is.
    static func words(_ ledger: Ledger, _ mailboxes: [MailboxStatus]) throws -> String? {
        var (restored, changed, lastChange) = (0, 0, Timestamp(milliseconds: 0))
        for cause in mailboxes.compactMap(\.reconcileCause) {
            switch cause {
            case .restore: restored += 1
            case .olderMail(let at): (changed, lastChange) = (changed + 1, max(lastChange, at))
            }
        }
        guard restored + changed > 0 else { return nil }
        let act = try ledger.lastRestore()
        var words: [String] = []
        if restored > 0 {
            let why = act.map { " (noticed \($0.at.rfc3339): \($0.why))" } ?? ""
            words.append(
                "the spool was restored, copied or cut short, or its journal is damaged\(why); \(restored) mailboxes were not looked into since"
            )
        }
        if changed > 0 {
            let when = act.map { " (noticed \($0.at.rfc3339))" } ?? ""
            words.append(
                "mail from before the spool was restored\(when) came to \(changed) mailboxes by changes of the roster or imports, the last at \(lastChange.rfc3339)"
            )
        }
        return words.joined(separator: "; ")
            + ", and nothing is delivered into them, as that could make second copies: run `layover replay --reconcile`"
    }

    /// Ends the command where mailboxes of a selection are still to be looked into.
    static func refuse(_ ledger: Ledger, _ mailboxes: [MailboxStatus]) throws {
        if let words = try words(ledger, mailboxes) { throw CommandError(.temporary, words) }
    }

    /// Says of mailboxes that a command has just changed whether they must be looked into before anything goes there.
    static func tell(_ ledger: Ledger, _ mailboxIDs: Set<String>, on output: inout Output) throws {
        let shut = try ledger.mailboxes().filter { mailboxIDs.contains($0.mailbox.id) && $0.isUnreconciled }
        if let words = try words(ledger, shut) {
            let names = shut.prefix(3).map(\.mailbox.address).joined(separator: " ")
            output.write("to be reconciled first: \(names)\(shut.count > 3 ? " …" : ""): \(words)\n")
        }
    }
}
