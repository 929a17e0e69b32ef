import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// One batch: intent, APPEND behind its gate, journal, read-back.
extension MailboxReplay {
    /// Delivers a batch. Returns a time to wait where it ended in doubt and the server may still commit it.
    func deliver(_ prepared: PreparedBatch) async throws -> Duration? {
        try await park(prepared.unreadable)
        let batch: PreparedBatch
        do {
            batch = try await withoutEarlierCopies(prepared)
        } catch let error as IMAPError where error.code.meansLostConnection {
            try await connectionLost("\(error)")
            return try await deliver(prepared)
        }
        guard !batch.entries.isEmpty else { return nil }
        let (session, personality) = try await self.session()
        let position: (uidValidity: UInt32, uidNext: UInt32)
        do {
            position = try await currentPosition()
        } catch let error as IMAPError where error.code.meansLostConnection {
            try await connectionLost("\(error)")
            return try await deliver(batch)
        }
        let intent = AppendIntent(
            batch: environment.batchIDs.next(environment.clock()), mailboxID: id, target: target.name,
            login: mailbox.mailbox.login, folder: mailbox.mailbox.folder, uidValidity: position.uidValidity,
            uidNext: position.uidNext, entries: batch.entries)
        if personality.needsNoopBetweenBatches { try? await session.noop() }
        let journal = environment.journal
        let outcome = await session.append(batch.messages, to: folder) {
            // The gate: nothing that could make the server commit goes out before the intent is on stable storage.
            try await journal.append([.intent(intent)])
        }
        // From here on nobody can send this batch's token any more.
        _ = environment.doubts.elapsed(intent.batch)
        return try await settle(outcome, intent, batch, personality)
    }

    private func settle(
        _ outcome: AppendOutcome, _ intent: AppendIntent, _ batch: PreparedBatch, _ personality: Personality
    ) async throws -> Duration? {
        switch outcome {
        case .appended(let validity, let uids) where isSound(validity, uids, intent):
            let copies = zip(intent.entries, uids).map { DeliveredCopy(id: $0.id, uid: $1.number) }
            try await recordDelivered(intent, copies)
            if let last = uids.last, last.number < .max { position = (validity.number, last.number + 1) }
            try await verify(intent, copies)
            try await reportSecondCopies(of: batch)
            return nil
        case .appended, .appendedWithoutUIDs:
            // It is there; where, its trace will tell. Nothing has to settle.
            return try await resolve(OpenDoubt(intent: intent, settled: true)).restartAfter
        case .refused(let refusal):
            if refusal.tokenWasSent && !personality.isAtomic {
                // Zimbra's rollback is best effort: each message is looked for on its own.
                let resolution = try await resolve(OpenDoubt(intent: intent, settled: true))
                let left = batch.without(resolution.found)
                return left.entries.isEmpty ? nil : try await handle(refusal, left)
            }
            try await takeBack(intent, reason: refusal.text.words)
            return try await handle(refusal, refusal.tokenWasSent ? batch.markedAttempted : batch)
        case .notAppended(let interruption):
            try await takeBack(intent, reason: interruption.words)
            try await connectionLost(interruption.words)
            return try await deliver(batch)
        case .inDoubt(let interruption):
            log(.warning, "append in doubt", ["batch": "\(intent.batch)", "messages": "\(intent.entries.count)", "why": "\(interruption.words)"])
            try await connectionLost(interruption.words)
            return try await resolve(OpenDoubt(intent: intent, settled: false)).restartAfter
        }
    }

    private func isSound(_ validity: UIDValidity, _ uids: [UID], _ intent: AppendIntent) -> Bool {
        guard validity.number == intent.uidValidity, uids.count == intent.entries.count, let first = uids.first,
            first.number >= intent.uidNext
        else { return false }
        return zip(uids, uids.dropFirst()).allSatisfy { $0 < $1 }
    }

    func recordDelivered(_ intent: AppendIntent, _ copies: [DeliveredCopy]) async throws {
        try await environment.journal.append([
            .delivered(batch: intent.batch, uidValidity: intent.uidValidity, copies: copies)
        ])
        environment.doubts.forget(intent.batch)
        let ids = Set(copies.map(\.id))
        let entries = intent.entries.filter { ids.contains($0.id) }
        environment.progress.add { counts in
            counts.delivered += entries.count
            counts.merged += entries.reduce(0) { $0 + $1.merged.count }
            counts.bytes += entries.reduce(0) { $0 + $1.length }
        }
        connectionWorked()
        for (copy, entry) in zip(copies, entries) {
            log(.debug, "message delivered", ["id": "\(copy.id)", "uid": "\(copy.uid)", "size": "\(entry.length)"])
        }
    }

    func takeBack(_ intent: AppendIntent, ids: [MessageID]? = nil, reason: String) async throws {
        try await environment.journal.append([
            .notAppended(batch: intent.batch, ids: ids ?? intent.entries.map(\.id), reason: reason)
        ])
        environment.doubts.forget(intent.batch)
    }

    /// A server that says NO to a batch means one message of it, or the mailbox.
    private func handle(_ refusal: AppendRefusal, _ batch: PreparedBatch) async throws -> Duration? {
        switch RefusalMeaning(refusal, isSingle: batch.entries.count == 1) {
        case .mailbox(let code):
            throw ReplayError(code, "\(target.name) refused the mail of \(mailbox.mailbox.address): \(refusal.text.words)")
        case .message(let errorClass):
            try await environment.journal.append([
                .failed(mailboxID: id, ids: batch.ids, errorClass: errorClass, text: refusal.text.words)
            ])
            environment.progress.add { $0.failed += batch.entries.count }
            for messageID in batch.ids {
                log(.error, "message parked", ["id": "\(messageID)", "class": "\(errorClass)", "server": "\(refusal.text.words)"])
            }
            return nil
        case .oneOfTheBatch:
            let (first, second) = batch.halves()
            if let wait = try await deliver(first) { return wait }
            return try await deliver(second)
        case .folderMissing:
            try await session().session.create(folder)
            position = nil
            return try await deliver(batch)
        }
    }

    /// Messages that the spool cannot give back as they were accepted: never delivered, always reported.
    private func park(_ unreadable: [PreparedBatch.Unreadable]) async throws {
        for message in unreadable {
            try await environment.journal.append([
                .failed(mailboxID: id, ids: [message.id], errorClass: "damaged", text: message.error.description)
            ])
            environment.progress.add { $0.failed += 1 }
            log(.critical, "message unreadable in the spool", ["id": "\(message.id)", "error": "\(message.error)"])
        }
    }
}

extension IMAPError.Code {
    /// The connection is gone, or cannot be gone on with.
    var meansLostConnection: Bool {
        self == .connectionClosed || self == .bye || self == .timedOut || self == .connectFailed || self == .protocolViolation
    }
}
