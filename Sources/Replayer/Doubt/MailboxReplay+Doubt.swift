import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// A batch of which nobody knows yet whether the mailbox has it.
struct OpenDoubt {
    var intent: AppendIntent
    /// The server cannot commit it later than now: it has answered, or the settle time is over.
    var settled: Bool
}

/// What looking for a batch has shown.
enum Resolution {
    /// All of it is there.
    case complete(Set<MessageID>)
    /// These are there; the others are held again.
    case partial(Set<MessageID>)
    /// The server may still commit it: look again after this time.
    case wait(Duration)

    var found: Set<MessageID> {
        switch self {
        case .complete(let ids), .partial(let ids): ids
        case .wait: []
        }
    }

    /// When the mailbox is to be begun anew, so that the order of arrival is kept; nil to go on.
    var restartAfter: Duration? {
        switch self {
        case .complete: nil
        case .partial: .zero
        case .wait(let time): time
        }
    }
}

/// After a break: what is there, what is not, what cannot be known (imap-targets §5, R1 to R4).
extension MailboxReplay {
    /// Resolves what earlier runs left open. Returns a time to wait where the server may still commit.
    func resolveOpenIntents() async throws -> Duration? {
        let (ledger, id) = (environment.ledger, self.id)
        let open = try await environment.blocking { try ledger.openIntents(mailboxID: id) }
        var longest: Duration?
        for doubt in open {
            if case .wait(let time) = try await resolve(OpenDoubt(intent: doubt.intent, settled: false)) {
                longest = max(longest ?? .zero, time)
            }
        }
        if !open.isEmpty {
            // What was taken back is held again, and must be seen as such before held mail is asked for.
            try await environment.blocking { _ = try ledger.catchUp() }
        }
        return longest
    }

    /// Looks into the mailbox and journals what it finds.
    func resolve(_ doubt: OpenDoubt) async throws -> Resolution {
        let intent = doubt.intent
        let elapsed = environment.doubts.elapsed(intent.batch)
        let isSettled = doubt.settled || elapsed >= target.settle
        position = nil
        defer { position = nil }
        let now = try await examine(MailboxName(intent.folder))
        // R1. UIDNEXT has not moved: nothing was committed, so far.
        if now.uidValidity == intent.uidValidity, now.uidNext == intent.uidNext {
            guard isSettled else { return .wait(target.settle - elapsed) }
            try await takeBack(intent, reason: "not in the mailbox")
            return .partial([])
        }
        let search = try await find(intent.entries, from: now.uidValidity == intent.uidValidity ? intent.uidNext : 1, to: now.uidNext)
        if !search.copies.isEmpty { try await adopt(intent, search, uidValidity: now.uidValidity) }
        var found = Set(search.copies.map(\.id))
        guard found.count < intent.entries.count else { return .complete(found) }
        guard isSettled else { return .wait(target.settle - elapsed) }
        // R4. Not there, and the server has had its time.
        if search.hasHoles { found.formUnion(try await adoptFromOtherFolders(intent, besides: found)) }
        let missing = intent.entries.map(\.id).filter { !found.contains($0) }
        guard !missing.isEmpty else { return .complete(found) }
        if search.hasHoles {
            // Somebody may have expunged it. Loss is worse than a second copy: it is appended again, and counted.
            try await markDoubtful(missing, "it may have been in the mailbox and been removed before it was looked for")
        }
        try await takeBack(intent, ids: missing, reason: "not in the mailbox")
        return .partial(found)
    }

    /// Adopts the messages of an attempt that are in its folder by now, and says which.
    func adoptWhatIsThere(of attempt: AppendIntent) async throws -> Set<MessageID> {
        position = nil
        let now = try await examine(MailboxName(attempt.folder))
        position = now
        let from = now.uidValidity == attempt.uidValidity ? attempt.uidNext : 1
        guard now.uidNext > from else { return [] }
        let search = try await find(attempt.entries, from: from, to: now.uidNext)
        guard !search.copies.isEmpty else { return [] }
        log(.warning, "a message that was not in the mailbox has appeared there", ["batch": "\(attempt.batch)", "found": "\(search.copies.count)"])
        try await adopt(attempt, search, uidValidity: now.uidValidity)
        return Set(search.copies.map(\.id))
    }

    /// Messages of which more than one copy has come into the folder since an attempt began.
    func secondCopies(of entries: [AppendIntent.Entry], since attempt: AppendIntent) async throws -> [MessageID] {
        let now = try await examine(MailboxName(attempt.folder))
        position = now
        return try await find(entries, from: now.uidValidity == attempt.uidValidity ? attempt.uidNext : 1, to: now.uidNext).doubles
    }

    private struct Search {
        var copies: [DeliveredCopy] = []
        /// Messages found more than once.
        var doubles: [MessageID] = []
        /// UIDs in the range without a message: something came and went.
        var hasHoles = false
    }

    /// R2, R3. Looks for messages by their trace header among the UIDs from `from` to below `end`.
    private func find(_ entries: [AppendIntent.Entry], from: UInt32, to end: UInt32) async throws -> Search {
        guard let first = UID(from), let last = UID(max(1, end - 1)), first <= last else { return Search() }
        let traces = try await self.session().session.fetchTraces(first...last)
        var search = Search()
        // A server that numbers without gaps and shows none has lost nothing in between.
        search.hasHoles = traces.count < Int(last.number - first.number) + 1
        for entry in entries {
            let hits = traces.filter { $0.value.id == entry.id }.keys.sorted()
            guard let uid = hits.first else { continue }
            search.copies.append(DeliveredCopy(id: entry.id, uid: uid.number))
            if hits.count > 1 { search.doubles.append(entry.id) }
        }
        return search
    }

    /// Takes what was found for delivered, and compares it.
    private func adopt(_ intent: AppendIntent, _ search: Search, uidValidity: UInt32) async throws {
        var adopted = intent
        adopted.uidValidity = uidValidity
        try await recordDelivered(adopted, search.copies)
        if !search.doubles.isEmpty { try await markDoubtful(search.doubles, "more than one copy is in the mailbox") }
        log(.notice, "append resolved", ["batch": "\(intent.batch)", "found": "\(search.copies.count)"])
        try await verify(adopted, search.copies)
    }

    /// Looks into the newest messages of every other folder: a user, a filter or a client may have moved a copy at once.
    private func adoptFromOtherFolders(_ intent: AppendIntent, besides found: Set<MessageID>) async throws -> Set<MessageID> {
        var missing = intent.entries.filter { !found.contains($0.id) }
        let home = try MailboxName(intent.folder)
        for folder in try await session().session.mailboxes().map(\.mailbox) where folder != home && !missing.isEmpty {
            guard let box = try? await examine(folder), box.uidNext > 1 else { continue }
            let start = box.uidNext > Self.tail ? box.uidNext - Self.tail : 1
            let search = try await find(missing, from: start, to: box.uidNext)
            guard !search.copies.isEmpty else { continue }
            // `verify` reads from the folder that is selected now.
            position = box
            try await adopt(intent, search, uidValidity: box.uidValidity)
            position = nil
            missing.removeAll { entry in search.copies.contains { $0.id == entry.id } }
        }
        _ = try await examine(home)
        return Set(intent.entries.map(\.id)).subtracting(found).subtracting(missing.map(\.id))
    }

    /// How many of a folder's newest UIDs are looked at.
    private static let tail: UInt32 = 500

    func markDoubtful(_ ids: [MessageID], _ text: String) async throws {
        try await environment.journal.append([.doubtful(mailboxID: id, ids: ids, text: text)])
        environment.progress.add { $0.doubtful += ids.count }
        log(.error, "doubtful", ["ids": "\(ids.map(\.description).joined(separator: " "))", "why": "\(text)"])
    }
}
