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

    /// One line where mailboxes are still to be looked into; nil where none is.
    static func words(_ ledger: Ledger, unreconciled: Int) throws -> String? {
        guard unreconciled > 0 else { return nil }
        let act = try ledger.lastRestore()
        let why = act.map { " (noticed \($0.at.rfc3339): \($0.why))" } ?? ""
        return
            "the spool was restored, copied or cut short\(why); \(unreconciled) mailboxes were not looked into since, and nothing is delivered into them, as that could make second copies: run `layover replay --reconcile`"
    }

    /// Ends the command where mailboxes of a selection are still to be looked into.
    static func refuse(_ ledger: Ledger, unreconciled: Int) throws {
        if let words = try words(ledger, unreconciled: unreconciled) { throw CommandError(.temporary, words) }
    }
}
