import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// What becomes of messages that a server will not take.
extension MailboxReplay {
    /// Messages refused in a row without a reason after which it is the mailbox that is meant, not each of them.
    private static let unexplainedInARow = 3

    /// A server that says NO to a batch means one message of it, or the mailbox.
    func handle(_ refusal: AppendRefusal, _ batch: PreparedBatch) async throws -> AfterBatch {
        let words = refusal.text.words
        // LIMIT of an APPEND is the message's size, not the server's load.
        if let code = refusal.text.code, code.meansTooMuch, code != .limit {
            environment.ceilings.trouble(target.name, words)
        }
        switch RefusalMeaning(refusal, isSingle: batch.entries.count == 1) {
        case .mailbox(let code): throw refused(code, words)
        case .message(let errorClass, let isExplained):
            if !isExplained {
                if try await isOverQuota(batch) { throw refused(.overQuota, words) }
                if try await pause(after: words, batch) { return try await deliver(batch) }
                try suspect(batch, words)
                return .goOn
            }
            try await park(batch.ids, errorClass: errorClass, words: words)
            return .goOn
        case .oneOfTheBatch(let isExplained):
            if !isExplained, try await isOverQuota(batch) { throw refused(.overQuota, words) }
            let (first, second) = batch.halves()
            let after = try await deliver(first)
            guard case .goOn = after else { return after }
            return try await deliver(second)
        case .folderMissing:
            try await make(batch.folder)
            positions[batch.folder] = nil
            return try await deliver(batch)
        }
    }

    func refused(_ code: ReplayError.Code, _ words: String) -> ReplayError {
        ReplayError(code, "\(target.name) refused the mail of \(mailbox.mailbox.address): \(words)")
    }

    /// Zimbra says `NO APPEND failed` of a full account, a full disk and a lock as of a bad message (imap-targets §0, finding 5).
    /// False when the message was tried often enough. A replay that is told to stop leaves it as it is: held.
    private func pause(after words: String, _ batch: PreparedBatch) async throws -> Bool {
        guard let message = batch.ids.first else { return false }
        let tries = triesAgain[message, default: 0]
        guard tries < target.pausesAfterRefusal.count else { return false }
        triesAgain[message] = tries + 1
        let pause = target.pausesAfterRefusal[tries]
        log(.notice, "refused without a reason", ["id": "\(message)", "server": "\(words)", "again_in": "\(pause)"])
        try await waitUnlessStopping(pause)
        guard !environment.isStopping.isSet else { throw refused(.refused, words) }
        return true
    }

    /// It may be the message, or the mailbox: the next ones will tell. Until then it stays held.
    private func suspect(_ batch: PreparedBatch, _ words: String) throws {
        for message in batch.ids where !suspects.contains(where: { $0.id == message }) {
            suspects.append(Suspect(id: message, errorClass: "refused", words: words))
        }
        guard suspects.count >= Self.unexplainedInARow else { return }
        let count = suspects.count
        suspects = []
        throw refused(.refused, "\(words) (\(count) messages in a row)")
    }

    /// Another message was taken, or none is left to try: it was these. A server that failed at one when it was not well takes it now.
    func parkSuspects() async throws {
        let found = suspects
        suspects = []
        for message in found {
            if message.isServersFailure, !environment.losses.isConvicted(id, message.id) {
                hasTrials = true
            } else {
                try await park([message.id], errorClass: message.errorClass, words: message.words)
            }
        }
    }

    /// Keeps messages back at which the connection broke, or the server failed, each time, in this run or before. Whether it is the
    /// message, another one tells.
    func suspectFailing(among held: Set<MessageID>) {
        let known = Set(suspects.map(\.id))
        suspects += environment.losses.suspects(id).filter { held.contains($0.id) && !known.contains($0.id) }
    }

    /// No other message is left to try. A server at which every connection breaks is not the message's fault, and a full one that gives no
    /// reason (a hidden quota of Zimbra's domain) is not either: it stays held, and is tried again like everything at a target that is
    /// not well.
    func judgeSuspects() async throws {
        let undecided = suspects.filter { $0.isServersFailure && !environment.losses.hasFailedOnTrial(id, $0.id) }
        if let broken = undecided.first {
            environment.losses.giveAnotherTry(id, undecided.map(\.id))
            suspects = []
            throw ReplayError(
                .unavailable, "\(target.name) failed at each APPEND of \(broken.id): \(broken.words)")
        }
        if let unexplained = suspects.first(where: { !$0.isServersFailure }) {
            suspects = []
            throw refused(.refused, unexplained.words)
        }
        try await parkSuspects()
    }

    private func isOverQuota(_ batch: PreparedBatch) async throws -> Bool {
        do {
            guard let quota = try await session().session.quota(batch.folder) else { return false }
            return quota.free < UInt64(clamping: batch.bytes)
        } catch let error as IMAPError where error.code == .refused {
            return false
        }
    }

    /// Refused for good: parked until `retry`.
    func park(_ ids: [MessageID], errorClass: String, words: String) async throws {
        try await environment.journal.append([.failed(mailboxID: id, ids: ids, errorClass: errorClass, text: words)])
        environment.losses.forget(id, ids)
        environment.progress.add { $0.failed += ids.count }
        for messageID in ids {
            log(.error, "message parked", ["id": "\(messageID)", "class": "\(errorClass)", "server": "\(words)"])
        }
    }

    /// Messages that the spool cannot give back as they were accepted: never delivered, always reported.
    func park(_ unreadable: [PreparedBatch.Unreadable]) async throws {
        for message in unreadable {
            try await environment.journal.append([
                .failed(mailboxID: id, ids: [message.id], errorClass: "damaged", text: message.error.description)
            ])
            environment.progress.add { $0.failed += 1 }
            log(.critical, "message unreadable in the spool", ["id": "\(message.id)", "error": "\(message.error)"])
        }
    }
}
