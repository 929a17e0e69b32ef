public import MailModel
public import Spool

/// What importing a roster file would do: planned and checked before anything is done.
public struct RosterImport: Sendable {
    public enum Mode: Sendable {
        /// Mailboxes that the file does not name stay.
        case merge
        /// Mailboxes that the file does not name are removed.
        case replace
    }

    /// Added and changed in the order of the file, then removed by address.
    public let changes: [RosterChange]
    public let unchanged: Int

    /// - Parameters:
    ///   - current: the roster as it is.
    ///   - waiting: how many deliveries are not yet done for the mailbox with this id; one with any is never removed.
    /// - Throws: `LedgerError(.roster)` where two mailboxes would claim one address or one login, or held mail would
    ///   lose its mailbox.
    public static func plan(
        _ file: RosterFile, current: [RosterMailbox], mode: Mode, waiting: (String) throws -> Int
    ) throws -> RosterImport {
        var planner = RosterImportPlanner(fileName: file.name, current: current)
        for row in file.rows { planner.take(row) }
        if mode == .replace { try planner.removeUnnamed(waiting: waiting) }
        try planner.check()
        return RosterImport(changes: planner.changes, unchanged: planner.unchanged)
    }

    /// The acts that do it, removals first so that their addresses are free.
    public var acts: [JournalAct] {
        let removals = changes.compactMap { change -> JournalAct? in
            if case .removed(let mailbox) = change { .mailboxRemoved(id: mailbox.id) } else { nil }
        }
        let settings = changes.compactMap { change -> JournalAct? in
            switch change {
            case .added(let mailbox), .changed(let mailbox, _): .mailboxSet(mailbox)
            case .removed: nil
            }
        }
        return removals + settings
    }
}
