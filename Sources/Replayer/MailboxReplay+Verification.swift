import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// Reading back: the SHA-256 of what was appended against that of what the mailbox gives.
extension MailboxReplay {
    /// What a copy was found to be.
    enum Finding {
        case exact
        /// Gone before it could be read, moved or deleted by somebody; or the server cannot give it out.
        case unread
        case different
    }

    /// What a folder gives for the copies of a batch, or why it does not.
    func readCopies(_ copies: [DeliveredCopy], in folder: MailboxName) async -> Result<[UID: MailboxDigest], any Error>
    {
        do {
            return .success(try await readBack(copies.compactMap { UID($0.uid) }, in: folder))
        } catch {
            return .failure(error)
        }
    }

    /// Compares what was read back. What is as it should be goes into the journal with the next intent or at the end of the run;
    /// what is not is reported at once and stays `delivered`.
    func compare(
        _ read: Result<[UID: MailboxDigest], any Error>, batch: MessageID, _ copies: [DeliveredCopy],
        expected: (MessageID) -> SHA256Digest?
    ) async throws {
        let digests: [UID: MailboxDigest]
        do {
            digests = try read.get()
        } catch let error as IMAPError where error.code.meansLostConnection {
            // Delivered and journaled; it will be verified as a leftover.
            return try await connectionLost("\(error)")
        }
        var verified: [VerifiedCopy] = []
        var odd: [(MessageID, String)] = []
        for copy in copies {
            guard let uid = UID(copy.uid), let digest = expected(copy.id) else { continue }
            switch Self.finding(digests[uid], expected: digest) {
            case .exact: verified.append(VerifiedCopy(id: copy.id, uid: copy.uid, finding: .exact))
            case .unread: odd.append((copy.id, Self.unreadText))
            case .different: odd.append((copy.id, Self.differentText))
            }
        }
        if !verified.isEmpty { compared.add(.verified(batch: batch, copies: verified), count: verified.count) }
        guard !odd.isEmpty else { return }
        try await recordCompared()
        try await record([], verified: 0, odd: odd)
    }

    /// What waits to be journaled, for the caller to journal.
    func takeCompared() -> ComparedCopies {
        defer { compared = ComparedCopies() }
        return compared
    }

    /// Journals what was compared and has not gone with an intent.
    func recordCompared() async throws {
        let waiting = takeCompared()
        guard !waiting.acts.isEmpty else { return }
        try await environment.journal.append(waiting.acts)
        waiting.count(in: environment.progress)
    }

    static let unreadText = "the copy could not be read back: it was moved or deleted, or the server cannot give it out"
    static let differentText = "the copy is not what was appended"

    /// Journals acts together with doubts, and counts both. A doubtful copy is not asked for again by this process.
    func record(_ acts: [JournalAct], verified: Int, odd: [(MessageID, String)]) async throws {
        for (messageID, text) in odd {
            environment.leftovers.insert(messageID, of: id)
            log(.error, "copy not verified", ["id": "\(messageID)", "why": "\(text)"])
        }
        let acts = acts + odd.map { JournalAct.doubtful(mailboxID: id, ids: [$0.0], text: $0.1) }
        if !acts.isEmpty { try await environment.journal.append(acts) }
        environment.progress.add { counts in
            counts.verified += verified
            counts.doubtful += odd.count
        }
    }

    static func finding(_ copy: MailboxDigest?, expected: SHA256Digest) -> Finding {
        // An empty answer is Zimbra's stub for a message deleted meanwhile (imap-targets §1.5), not a corrupt one.
        guard let copy, copy.octets > 0 else { return .unread }
        return copy.digest == expected ? .exact : .different
    }

    /// The digests of what a folder gives for these UIDs; asks once more for what is missing, after a NOOP.
    func readBack(_ uids: [UID], in folder: MailboxName) async throws -> [UID: MailboxDigest] {
        guard !uids.isEmpty else { return [:] }
        _ = try await session()
        if selected != folder { _ = try await examine(folder) }
        var found = try await digests(uids)
        let missing = uids.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        // A server need not show new messages to a session before it has told it of them.
        try await session().session.noop()
        found.merge(try await digests(missing)) { $1 }
        return found
    }

    /// A server that refuses to give out one message of many must not keep the others from being compared.
    private func digests(_ uids: [UID]) async throws -> [UID: MailboxDigest] {
        let session = try await session().session
        do {
            return try await session.fetchDigests(uids) { SpoolDigest() }
        } catch let error as IMAPError where error.code == .refused {
            guard uids.count > 1 else { return [:] }
            var found: [UID: MailboxDigest] = [:]
            for half in [uids[..<(uids.count / 2)], uids[(uids.count / 2)...]] {
                found.merge(try await digests(Array(half))) { $1 }
            }
            return found
        }
    }

    /// Copies that an earlier run delivered and did not come to verify.
    func verifyLeftovers() async throws {
        var after: Int64 = 0
        while true {
            let (ledger, id, start) = (environment.ledger, self.id, after)
            let copies = try await environment.blocking {
                try ledger.unverified(mailboxID: id, after: start, limit: 100)
            }
            guard let last = copies.last else { return }
            after = last.sequence
            // Nothing is asked of the server, not even a login, for what has been tried before.
            let untried = copies.filter { $0.uid > 0 && !environment.leftovers.contains($0.id, of: id) }
            for (folder, group) in Dictionary(grouping: untried, by: \.folder).sorted(by: { $0.key < $1.key }) {
                try await verifyLeftovers(group, in: MailboxName(folder))
            }
        }
    }

    private func verifyLeftovers(_ copies: [UnverifiedCopy], in folder: MailboxName) async throws {
        let validity: UInt32?
        do {
            validity = try await examine(folder).uidValidity
        } catch let error as IMAPError where error.meansNoSuchFolder {
            validity = nil
        }
        for copy in copies { environment.leftovers.insert(copy.id, of: id) }
        let here = copies.filter { $0.uidValidity == validity }
        for (batch, group) in Dictionary(grouping: here, by: \.batch).sorted(by: { $0.key < $1.key }) {
            let expected = Dictionary(group.map { ($0.id, $0.digest) }) { first, _ in first }
            let copies = group.map { DeliveredCopy(id: $0.id, uid: $0.uid) }
            try await compare(await readCopies(copies, in: folder), batch: batch, copies) { expected[$0] }
        }
        try await recordCompared()
    }
}

/// Copies that were compared and found exact, of which the journal does not know yet. Lost in a crash, they are compared again.
struct ComparedCopies: Sendable {
    private(set) var acts: [JournalAct] = []
    private var copies = 0

    mutating func add(_ act: JournalAct, count: Int) {
        acts.append(act)
        copies += count
    }

    /// Call when they are journaled.
    func count(in progress: ReplayProgress) {
        let copies = self.copies
        if copies > 0 { progress.add { $0.verified += copies } }
    }
}

/// The spool's SHA-256 for bytes that stream out of a mailbox.
struct SpoolDigest: StreamingDigest {
    private let hasher = SHA256Hasher()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bytes) }
    mutating func finish() -> SHA256Digest { hasher.finish() }
}
