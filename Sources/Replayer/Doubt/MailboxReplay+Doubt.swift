import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// After a break: what is there, what is not, what cannot be known (imap-targets §5, R1 to R4).
extension MailboxReplay {
    /// Resolves what earlier runs left open. Returns a time to wait where the server may still commit.
    func resolveOpenIntents() async throws -> Duration? {
        let (ledger, id) = (environment.ledger, self.id)
        let open = try await environment.blocking { try ledger.openIntents(mailboxID: id) }
        var longest: Duration?
        for doubt in open {
            if case .wait(let time) = try await resolveWhereItWent(OpenDoubt(intent: doubt.intent, settled: false)) {
                longest = max(longest ?? .zero, time)
            }
        }
        if !open.isEmpty {
            // What was taken back is held again, and must be seen as such before held mail is asked for.
            try await environment.blocking { _ = try ledger.catchUp() }
        }
        return longest
    }

    /// The roster may have changed since: a batch is looked for at the target and login of its intent, under that mailbox's lock.
    private func resolveWhereItWent(_ doubt: OpenDoubt) async throws -> Resolution {
        let intent = doubt.intent
        guard !intent.went(to: target.name, mailbox.mailbox.login) else {
            return try await resolve(doubt)
        }
        guard let target = environment.targets[intent.target] else {
            throw ReplayError(
                .noTarget,
                "mail of \(mailbox.mailbox.address) may be in the mailbox \(intent.login) of target \(intent.target), which the configuration does not have any more: add [targets.\(intent.target)] until `layover replay` has looked there; where the account is gone, `layover retry --mailbox \(mailbox.mailbox.address) --give-up-old-account --reason TEXT`"
            )
        }
        var status = mailbox
        (status.mailbox.target, status.mailbox.login, status.mailbox.folder) = (
            intent.target, intent.login, intent.folder
        )
        let there = try MailboxReplay(mailbox: status, target: target, environment: environment, onlyMessages: [])
        guard let lock = try await there.lock() else { return .wait(.seconds(1)) }
        defer { lock.release() }
        do {
            let resolution = try await there.resolveInSpiteOfCuts(doubt)
            await there.endSession()
            return resolution
        } catch {
            await there.dropSession()
            guard let problem = ReplayError(ofMailbox: error, target: target.name) else { throw error }
            throw ReplayError(problem.code, Self.leftAccountText(mailbox.mailbox, intent, problem))
        }
    }

    /// The connection is this place's: that it breaks is not told of the mailbox's new one.
    private func resolveInSpiteOfCuts(_ doubt: OpenDoubt) async throws -> Resolution {
        while true {
            do {
                return try await resolve(doubt)
            } catch let error as IMAPError where error.code.meansLostConnection && error.code != .connectFailed {
                try await connectionLost("\(error)")
            }
        }
    }

    private static func leftAccountText(
        _ mailbox: RosterMailbox, _ intent: AppendIntent, _ problem: ReplayError
    ) -> String {
        """
        a batch may be in the account \(intent.login) of \(intent.target), where mail of \(mailbox.address) went before the roster was \
        changed, and nothing more goes before somebody has looked there: \(problem); mend that login, or, where the account is gone, \
        `layover retry --mailbox \(mailbox.address) --give-up-old-account --reason TEXT`
        """
    }

    /// Looks into the mailbox and journals what it finds.
    ///
    /// - Parameter words: what the server has said, for the journal.
    func resolve(_ doubt: OpenDoubt, words: String = "not in the mailbox") async throws -> Resolution {
        let intent = doubt.intent
        let elapsed = environment.doubts.elapsed(intent.batch)
        let personality = try await session().personality
        let settle = target.settle(of: personality)
        let isSettled = doubt.settled || elapsed >= settle
        positions = [:]
        defer { positions = [:] }
        let isAcknowledged = environment.doubts.isAcknowledged(intent.batch)
        let home = try MailboxName(intent.folder)
        let now = try await whereItStands(home)
        // R1. UIDNEXT has not moved: nothing was committed, so far.
        if let now, now.uidValidity == intent.uidValidity, now.uidNext == intent.uidNext {
            guard isSettled else { return .wait(settle - elapsed) }
            guard isAcknowledged else {
                return try await takeBack(intent, missing: intent.entries.map(\.id), found: [], words: words)
            }
        }
        // R2. Another folder under the same name, or an older state of it: nothing is known of its UIDs.
        let isSame = now.map { $0.uidValidity == intent.uidValidity && $0.uidNext > intent.uidNext } ?? false
        var search = DoubtSearch()
        var finding = DoubtFinding(search, entries: [], digests: [:], isExact: true)
        if let now {
            // R3.
            search = try await find(intent.entries, from: isSame ? intent.uidNext : 1, to: now.uidNext)
            finding = try await adopt(intent, search, in: home, uidValidity: now.uidValidity)
        }
        var found = Set(finding.copies.map(\.id))
        guard found.count < intent.entries.count else { return complete(intent, found) }
        let foundUpTo = environment.doubts.foundUpTo(intent.batch)
        if let end = DoubtSearch.end(of: finding.copies, beginning: intent.entries), isSame {
            environment.doubts.found(intent.batch, upTo: end)
        }
        if !doubt.settled, !personality.isAtomic, !found.isEmpty {
            // It commits one message after the other, and each may wait for a lock of its own: seen at work, it has its time anew.
            environment.doubts.restart(intent.batch)
            return .wait(settle)
        }
        guard isSettled else { return .wait(settle - elapsed) }
        // R4. Not there, and the server has had its time.
        let isUncertain =
            !isSame
            || !doubt.isRefused
                && search.hasHoles(
                    behind: finding.copies, of: intent.entries, foundUpTo: foundUpTo)
        if isUncertain { found.formUnion(try await adoptFromOtherFolders(intent, besides: found)) }
        let missing = intent.entries.map(\.id).filter { !found.contains($0) }
        guard !missing.isEmpty else { return complete(intent, found) }
        try await report(missing, finding.foreign, isUncertain: isUncertain)
        let resolution = try await takeBack(intent, missing: missing, found: found, words: words)
        guard !isAcknowledged else {
            // Sent again at once it would soon be there many times. A look goes before each further attempt.
            throw ReplayError(
                .notShown,
                "\(target.name) has said OK to \(missing.count) messages of \(mailbox.mailbox.address) and does not show them, in no folder: look into its log and filters"
            )
        }
        return resolution
    }

    /// Nil where the folder is gone. Zimbra and Courier give no code: their NO is believed only where LIST does not show the folder either.
    func whereItStands(_ folder: MailboxName) async throws -> FolderPosition? {
        do {
            return try await examine(folder)
        } catch let error as IMAPError where error.meansNoSuchFolder && folder != .inbox {
            guard error.responseCode == nil else { return nil }
            let session = try await self.session().session
            let place = try await session.place(folder)
            let isThere = try await session.mailboxes().contains { $0.mailbox == place }
            if isThere { throw error }
            return nil
        }
    }

    private func complete(_ intent: AppendIntent, _ found: Set<MessageID>) -> Resolution {
        environment.doubts.forget(intent.batch)
        return .complete(found)
    }

    private func takeBack(
        _ intent: AppendIntent, missing: [MessageID], found: Set<MessageID>, words: String
    ) async throws -> Resolution {
        try await takeBack(intent, ids: missing, reason: words)
        return .partial(found)
    }

    /// Adopts the messages of earlier attempts that are in the folder by now, or where something came and went, in any other; says
    /// which. One look serves all attempts.
    func adoptWhatIsThere(
        of attempts: [AppendIntent], among entries: [AppendIntent.Entry], in folder: MailboxName
    ) async throws -> Set<MessageID> {
        let now = try await currentPositionAnew(of: folder)
        let search = try await find(entries, from: Self.firstUID(of: attempts, now), to: now.uidNext)
        var adopted: Set<MessageID> = []
        if !search.candidates.isEmpty {
            log(
                .warning, "a message that was not in the mailbox has appeared there",
                ["found": "\(search.candidates.count)"])
        }
        // The newest attempt first: a copy belongs to the last that could have made it.
        for attempt in attempts.reversed() {
            var attempt = attempt
            attempt.entries.removeAll { adopted.contains($0.id) || search.candidates[$0.id] == nil }
            guard !attempt.entries.isEmpty else { continue }
            adopted.formUnion(
                try await adopt(attempt, search, in: folder, uidValidity: now.uidValidity).copies.map(\.id))
        }
        guard search.hasHoles(behind: [], of: entries) else { return adopted }
        var left = Set(entries.map(\.id)).subtracting(adopted)
        for attempt in attempts.reversed() {
            // Each message once, for the newest attempt at it: the folders are the same for all.
            var attempt = attempt
            attempt.entries.removeAll { left.remove($0.id) == nil }
            guard !attempt.entries.isEmpty else { continue }
            adopted.formUnion(try await adoptFromOtherFolders(attempt, besides: []))
        }
        return adopted
    }

    /// Messages of which more than one true copy has come into the folder since the first of these attempts began.
    func secondCopies(
        of entries: [AppendIntent.Entry], since attempts: [AppendIntent], in folder: MailboxName
    ) async throws -> [MessageID] {
        let now = try await currentPositionAnew(of: folder)
        let search = try await find(entries, from: Self.firstUID(of: attempts, now), to: now.uidNext)
        let several = entries.filter { (search.candidates[$0.id]?.count ?? 0) > 1 }
        let digests = try await readBack(several.flatMap { search.candidates[$0.id] ?? [] }.sorted(), in: folder)
        let changes = try await knownChanges(search.different(digests, entries: several), digests)
        // A trace alone anybody could have written: only what is ours to the octet, or as the server stores it, is a second copy.
        return several.filter { entry in
            (search.candidates[entry.id] ?? []).count {
                Self.finding(digests[$0], expected: entry.digest) == .exact || changes[$0] != nil
            } > 1
        }.map(\.id)
    }

    func currentPositionAnew(of folder: MailboxName) async throws -> FolderPosition {
        positions[folder] = nil
        return try await currentPosition(of: folder)
    }

    /// No copy that these attempts could have made lies below. The whole folder where it is not the one that they knew.
    private static func firstUID(of attempts: [AppendIntent], _ now: FolderPosition) -> UInt32 {
        attempts.map { $0.uidValidity == now.uidValidity && $0.uidNext <= now.uidNext ? $0.uidNext : 1 }.min() ?? 1
    }

    /// Loss is worse than a second copy: what may have been there is appended again, and counted.
    private func report(_ missing: [MessageID], _ foreign: Set<MessageID>, isUncertain: Bool) async throws {
        let odd = missing.compactMap { messageID -> (MessageID, String)? in
            if foreign.contains(messageID) {
                return (messageID, "a message with its id was in the mailbox that is not what was appended")
            }
            guard isUncertain else { return nil }
            return (messageID, "it may have been in the mailbox and been removed before it was looked for")
        }
        guard !odd.isEmpty else { return }
        try await environment.journal.append(odd.map { .doubtful(mailboxID: id, ids: [$0.0], text: $0.1) })
        environment.progress.add { $0.doubtful += odd.count }
        for (messageID, text) in odd { log(.error, "doubtful", ["id": "\(messageID)", "why": "\(text)"]) }
    }

    /// Looks for messages by their trace header among the UIDs from `from` to below `end` of the selected folder.
    private func find(_ entries: [AppendIntent.Entry], from: UInt32, to end: UInt32) async throws -> DoubtSearch {
        guard let first = UID(from), let last = UID(max(1, end - 1)), first <= last else { return DoubtSearch() }
        let session = try await self.session().session
        var traces: [UID: MailboxTrace] = [:]
        // Wide where there are gaps: a UIDNEXT that has jumped must not be walked in small steps.
        var pages = UIDPages(from: from, uidNext: end)
        while let range = pages.range() {
            let found = try await session.fetchTracesAtOnce(range)
            pages.found(found.count)
            traces.merge(found) { $1 }
        }
        return DoubtSearch(traces, range: first...last, entries: entries)
    }

    /// Takes what was found for delivered, if it is what was appended: a trace alone anybody could have written.
    private func adopt(
        _ intent: AppendIntent, _ search: DoubtSearch, in folder: MailboxName, uidValidity: UInt32
    ) async throws -> DoubtFinding {
        let digests = try await readBack(search.candidates.values.flatMap { $0 }.sorted(), in: folder)
        let isExact = try await session().personality.isExact
        let changes = try await knownChanges(search.different(digests, entries: intent.entries), digests)
        let finding = DoubtFinding(
            search, entries: intent.entries, digests: digests, changes: changes, isExact: isExact)
        guard !finding.copies.isEmpty else { return finding }
        try await record(
            [.delivered(batch: intent.batch, uidValidity: uidValidity, copies: finding.copies)], batch: intent.batch,
            finding.verified, odd: finding.odd)
        countDelivered(intent, finding.copies)
        try await parkSuspects()
        log(
            .notice, "append resolved",
            ["batch": "\(intent.batch)", "found": "\(finding.copies.count)", "folder": "\(folder.text)"])
        return finding
    }

    /// Looks into the newest messages of every other folder: a user, a filter or a client may have moved a copy at once.
    private func adoptFromOtherFolders(_ intent: AppendIntent, besides found: Set<MessageID>) async throws -> Set<
        MessageID
    > {
        var missing = intent
        missing.entries.removeAll { found.contains($0.id) }
        let home = try MailboxName(intent.folder)
        var adopted: Set<MessageID> = []
        for folder in try await session().session.mailboxes().map(\.mailbox)
        where folder != home && !missing.entries.isEmpty {
            let box: FolderPosition
            do {
                box = try await examine(folder)
            } catch let error as IMAPError where error.code == .refused {
                continue
            }
            let start = box.uidNext > Self.tail ? box.uidNext - Self.tail : 1
            guard box.uidNext > 1 else { continue }
            let search = try await find(missing.entries, from: start, to: box.uidNext)
            let finding = try await adopt(missing, search, in: folder, uidValidity: box.uidValidity)
            adopted.formUnion(finding.copies.map(\.id))
            missing.entries.removeAll { adopted.contains($0.id) }
        }
        return adopted
    }

    /// How many of a folder's newest UIDs are looked at.
    private static let tail: UInt32 = 500

    func markDoubtful(_ ids: [MessageID], _ text: String) async throws {
        try await environment.journal.append([.doubtful(mailboxID: id, ids: ids, text: text)])
        environment.progress.add { $0.doubtful += ids.count }
        log(.error, "doubtful", ["ids": "\(ids.map(\.description).joined(separator: " "))", "why": "\(text)"])
    }
}
