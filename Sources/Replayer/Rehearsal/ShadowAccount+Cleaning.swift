import IMAPProtocol
import MailModel
import NIOCore
import Spool

/// Removing what a rehearsal has put into an account: its own copies, and its folder where it made one. Nothing else.
extension ShadowAccount {
    /// Cleans up, and journals it. Throws what kept it from that; the rehearsal then stays open.
    ///
    /// - Parameter isOrderly: every APPEND of the run has had its answer. Else the server may still commit one: where the folder
    ///   stays, it is looked at once more after the settle time.
    func clean(_ rehearsal: Rehearsal, isOrderly: Bool) async throws {
        var cleaned = try await removeCopies(of: rehearsal)
        if !isOrderly, !cleaned.isFolderGone {
            try await Task.sleep(for: target.settle(of: try await session().personality))
            let later = try await removeCopies(of: rehearsal)
            cleaned = (cleaned.removed + later.removed, later.isFolderGone)
        }
        let folder =
            cleaned.isFolderGone
            ? "the folder is gone"
            : rehearsal.makesFolder ? "the folder stays, as other mail is in it" : "the folder stays"
        try await environment.journal.append([
            .rehearsalEnded(
                run: rehearsal.run, target: target.name, login: login,
                text: "\(cleaned.removed) copies removed, \(folder)")
        ])
    }

    private func removeCopies(of rehearsal: Rehearsal) async throws -> (removed: Int, isFolderGone: Bool) {
        let session = try await session().session
        let folders = try await session.folders()
        // The very name: where a server tells `Trial` from `trial`, the other is somebody's.
        // Also by a name without the server's prefix, as it was journaled once.
        let place = try await session.place(MailboxName(rehearsal.folder))
        guard let entry = folders.first(where: { $0.mailbox == place }) else { return (0, true) }
        let folder = entry.mailbox
        let found = try await look(folder, rehearsal.run, session)
        let canRemoveSingly = session.capabilities.hasUIDPlus
        if canRemoveSingly, !found.ours.isEmpty {
            try await session.select(folder)
            try await session.remove(found.ours)
            guard try await look(folder, rehearsal.run, session).ours.isEmpty else {
                throw ReplayError(
                    .refused,
                    "\(target.name) says that copies of the rehearsal in \(folder.text) of \(login) are removed, and shows them"
                )
            }
        }
        // Another folder is opened, so that this one is neither expunged nor in the way of its own removal.
        _ = try await session.examine(.inbox)
        guard rehearsal.makesFolder else { return (found.ours.count, false) }
        let hasChildren = folders.contains { child in
            entry.separator.map { child.mailbox.text.hasPrefix(folder.text + $0) } ?? false
        }
        guard found.others == 0, !hasChildren else {
            guard canRemoveSingly || found.ours.isEmpty else {
                throw ReplayError(
                    .refused,
                    "\(folder.text) of \(login) on \(target.name) has other mail in it, and the server cannot remove single messages: remove the \(found.ours.count) copies by hand, they have X-Layover-Rehearsal"
                )
            }
            return (found.ours.count, false)
        }
        try await session.delete(folder)
        return (found.ours.count, true)
    }

    /// The copies of a run in a folder, and how many other messages are in it.
    private func look(_ folder: MailboxName, _ run: MessageID, _ session: IMAPSession) async throws -> (
        ours: [UID], others: Int
    ) {
        let place = try await session.examine(folder)
        var end = place.uidNext
        if end == nil {
            _ = try await session.examine(.inbox)
            end = try await session.status(folder).uidNext
            _ = try await session.examine(folder)
        }
        var (ours, others) = ([UID](), 0)
        var pages = UIDPages(uidNext: end?.number ?? 1)
        while let range = pages.range() {
            let marks = try await session.fetchMarks(range)
            pages.found(marks.count)
            for (uid, mark) in marks {
                if mark == run { ours.append(uid) } else { others += 1 }
            }
        }
        return (ours.sorted(), others)
    }
}
