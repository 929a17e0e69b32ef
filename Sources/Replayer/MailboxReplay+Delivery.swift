import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// One batch: intent, APPEND behind its gate, journal, read-back.
extension MailboxReplay {
    /// Delivers a batch, and tells how to go on.
    func deliver(_ prepared: PreparedBatch) async throws -> AfterBatch {
        try await park(prepared.unreadable)
        let batch = try await withoutEarlierCopies(prepared)
        guard !batch.entries.isEmpty else { return .goOn }
        let position = try await currentPosition(of: batch.folder)
        let (session, personality) = try await self.session()
        let intent = AppendIntent(
            batch: environment.batchIDs.next(environment.clock()), mailboxID: id, target: target.name,
            login: mailbox.mailbox.login, folder: batch.folder.text, uidValidity: position.uidValidity,
            uidNext: position.uidNext, entries: batch.entries)
        if personality.mustLeaveFolder, selected != nil {
            selected = nil
            try await session.unselect()
        }
        if personality.needsNoopBetweenBatches { try? await session.noop() }
        let (journal, progress, compared) = (environment.journal, environment.progress, takeCompared())
        let outcome = await session.append(batch.messages, to: batch.folder) {
            // The gate: nothing that could make the server commit goes out before the intent is on stable storage. What the batch
            // before was found to be goes with it: one sync for both.
            try await journal.append(compared.acts + [.intent(intent)])
            compared.count(in: progress)
        }
        // From here on nobody can send this batch's token any more.
        _ = environment.doubts.elapsed(intent.batch)
        return try await settle(outcome, intent, batch, personality)
    }

    private func settle(
        _ outcome: AppendOutcome, _ intent: AppendIntent, _ batch: PreparedBatch, _ personality: Personality
    ) async throws -> AfterBatch {
        switch outcome {
        case .appended(let validity, let uids) where isSound(validity, uids, intent):
            let copies = zip(intent.entries, uids).map { DeliveredCopy(id: $0.id, uid: $1.number) }
            if let last = uids.last, last.number < .max { positions[batch.folder] = (validity.number, last.number + 1) }
            return try await recordAndVerify(intent, copies, batch)
        case .appended, .appendedWithoutUIDs:
            // It is there, by the server's word; where, its trace will tell.
            return try await lookForAcknowledged(intent)
        case .refused(let refusal):
            return try await settle(refusal, intent, batch, personality)
        case .notAppended(let interruption):
            try await takeBack(intent, reason: interruption.words, mayAppear: false)
            guard interruption.cause != .invalidBatch else {
                throw ReplayError(
                    .refused,
                    "\(target.name) cannot be given the mail of \(mailbox.mailbox.address): \(interruption.words)")
            }
            return try await broke(batch, interruption)
        case .inDoubt(let interruption):
            log(
                .warning, "append in doubt",
                ["batch": "\(intent.batch)", "messages": "\(intent.entries.count)", "why": "\(interruption.words)"])
            environment.losses.add(id, batch.ids, words: interruption.words)
            try await connectionLost(interruption.words)
            return try await resolve(OpenDoubt(intent: intent, settled: false)).after
        }
    }

    /// The server has said OK. Some show what they have taken only a moment later; what goes again too soon is there twice.
    private func lookForAcknowledged(_ intent: AppendIntent) async throws -> AfterBatch {
        environment.doubts.acknowledge(intent.batch)
        return try await resolve(OpenDoubt(intent: intent, settled: false)).after
    }

    private func settle(
        _ refusal: AppendRefusal, _ intent: AppendIntent, _ batch: PreparedBatch, _ personality: Personality
    ) async throws -> AfterBatch {
        let words = refusal.text.words
        guard refusal.tokenWasSent else {
            try await takeBack(intent, reason: words, mayAppear: false)
            return try await handle(refusal, batch)
        }
        if refusal.isNoLastWord { return try await waitOut(refusal, intent, batch) }
        var left = batch
        if personality.isAtomic {
            try await takeBack(intent, reason: words)
        } else {
            // Zimbra's rollback is best effort: each message is looked for on its own.
            left = batch.without(
                try await resolve(OpenDoubt(intent: intent, settled: true, isRefused: true), words: words).found)
        }
        guard !left.entries.isEmpty else { return .goOn }
        environment.lateLooks.add(id, left.folder, left.ids, after: target.settle(of: personality))
        return try await handle(refusal, left.markedAttempted)
    }

    /// A server that says that a part of it failed or is busy need not know what becomes of the batch: a proxy that lost its backend
    /// says so as well. That is as good as no answer, and nothing goes again before the settle time is over.
    private func waitOut(
        _ refusal: AppendRefusal, _ intent: AppendIntent, _ batch: PreparedBatch
    ) async throws -> AfterBatch {
        let words = refusal.text.words
        environment.ceilings.trouble(target.name, words)
        if refusal.text.code == .serverBug {
            environment.losses.add(id, batch.ids, errorClass: Suspect.serverBug, words: words)
        }
        log(
            .warning, "append refused for a failure of the server's own: as good as no answer",
            ["batch": "\(intent.batch)", "messages": "\(batch.ids.count)", "server": "\(words)"])
        let resolution = try await resolve(OpenDoubt(intent: intent, settled: false), words: words)
        if case .complete = resolution { return .goOn }
        // A bug may be one message's: it must be found out. What is busy or away is left alone.
        guard refusal.text.code == .serverBug else { throw refused(.unavailable, words) }
        return resolution.after
    }

    /// The connection broke before the token was sent.
    private func broke(_ batch: PreparedBatch, _ interruption: AppendInterruption) async throws -> AfterBatch {
        environment.losses.add(id, batch.ids, words: interruption.words)
        try await connectionLost(interruption.words)
        return .startAnew
    }

    private func isSound(_ validity: UIDValidity, _ uids: [UID], _ intent: AppendIntent) -> Bool {
        guard validity.number == intent.uidValidity, uids.count == intent.entries.count, let first = uids.first,
            first.number >= intent.uidNext
        else { return false }
        return zip(uids, uids.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Reads the copies back, and journals the delivery that they bear out.
    ///
    /// APPENDUID is a server's word, and only what can be seen counts: where the connection breaks before, or something else stands at
    /// these UIDs, the mailbox is looked into as if there had been no UIDs. A kill in between leaves an open intent, which is resolved
    /// in the same way.
    private func recordAndVerify(
        _ intent: AppendIntent, _ copies: [DeliveredCopy], _ batch: PreparedBatch
    ) async throws -> AfterBatch {
        let read: [UID: MailboxDigest]
        do {
            read = try await readBack(copies.compactMap { UID($0.uid) }, in: batch.folder)
        } catch let error as IMAPError where error.code.meansLostConnection {
            try await connectionLost("\(error)")
            return try await lookForAcknowledged(intent)
        }
        let expected = Dictionary(intent.entries.map { ($0.id, $0.digest) }) { first, _ in first }
        guard try await isBorneOut(read, copies, expected, in: batch.folder) else {
            log(.warning, "APPENDUID is not borne out by the mailbox", ["batch": "\(intent.batch)"])
            return try await lookForAcknowledged(intent)
        }
        try await environment.journal.append([
            .delivered(batch: intent.batch, uidValidity: intent.uidValidity, copies: copies)
        ])
        environment.doubts.forget(intent.batch)
        countDelivered(intent, copies)
        try await parkSuspects()
        try await compare(read, batch: intent.batch, copies) { expected[$0] }
        do {
            try await reportSecondCopies(of: batch)
        } catch {
            // It is journaled as delivered: only a late look will ask again.
            environment.lateLooks.add(id, batch.folder, Array(batch.attempted), after: .zero)
            throw error
        }
        return .goOn
    }

    /// Whether messages of ours are, or at least were, at the UIDs that the server has named.
    private func isBorneOut(
        _ read: [UID: MailboxDigest], _ copies: [DeliveredCopy], _ expected: [MessageID: SHA256Digest],
        in folder: MailboxName
    ) async throws -> Bool {
        var isOneUnread = false
        for copy in copies {
            guard let found = UID(copy.uid).flatMap({ read[$0] }), found.octets > 0 else {
                isOneUnread = true
                continue
            }
            guard found.id == copy.id || found.digest == expected[copy.id] else { return false }
        }
        guard isOneUnread else { return true }
        // Moved or deleted before it was read, it has raised UIDNEXT all the same (RFC 3501 §2.3.1.1).
        let now = try await currentPositionAnew(of: folder)
        return copies.allSatisfy { $0.uid < now.uidNext }
    }

    /// After `delivered` was journaled.
    func countDelivered(_ intent: AppendIntent, _ copies: [DeliveredCopy]) {
        let ids = Set(copies.map(\.id))
        let entries = intent.entries.filter { ids.contains($0.id) }
        environment.progress.add { counts in
            counts.delivered += entries.count
            counts.merged += entries.reduce(0) { $0 + $1.merged.count }
            counts.bytes += entries.reduce(0) { $0 + $1.length }
        }
        environment.losses.forget(id, copies.map(\.id))
        environment.ceilings.worked(target.name)
        connectionWorked()
        let lengths = Dictionary(entries.map { ($0.id, $0.length) }) { first, _ in first }
        for copy in copies {
            log(
                .debug, "message delivered",
                ["id": "\(copy.id)", "uid": "\(copy.uid)", "size": "\(lengths[copy.id] ?? 0)"])
        }
    }

    /// - Parameter mayAppear: the commit token went out.
    func takeBack(
        _ intent: AppendIntent, ids: [MessageID]? = nil, reason: String, mayAppear: Bool = true
    ) async throws {
        try await environment.journal.append([
            .notAppended(
                batch: intent.batch, ids: ids ?? intent.entries.map(\.id), reason: reason, mayAppear: mayAppear)
        ])
        environment.doubts.forget(intent.batch)
    }
}
