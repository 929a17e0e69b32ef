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

    /// Compares what was read back. What is in `known` was reported by an earlier run, in these words.
    /// What is as it should be goes into the journal with the next intent or at the end of the run;
    /// what is not is reported at once and stays `delivered`.
    func compare(
        _ digests: [UID: MailboxDigest], batch: MessageID, _ copies: [DeliveredCopy],
        known: [MessageID: String] = [:], expected: (MessageID) -> SHA256Digest?
    ) async throws {
        var verified: [VerifiedCopy] = []
        var odd: [(MessageID, String)] = []
        var different: [DifferentCopy] = []
        for copy in copies {
            guard let uid = UID(copy.uid), let digest = expected(copy.id) else { continue }
            switch Self.finding(digests[uid], expected: digest) {
            case .exact: verified.append(VerifiedCopy(id: copy.id, uid: copy.uid, finding: .exact))
            case .unread: odd.append((copy.id, Self.unreadText))
            case .different: different.append(DifferentCopy(id: copy.id, uid: uid, appended: digest))
            }
        }
        let changes = try await knownChanges(different, digests)
        for copy in different {
            if let changes = changes[copy.uid] {
                verified.append(
                    VerifiedCopy(id: copy.id, uid: copy.uid.number, finding: .normalised, changes: changes))
            } else {
                odd.append((copy.id, Self.differentText))
            }
        }
        if !verified.isEmpty { compared.add(batch: batch, verified) }
        logChanges(verified)
        odd.removeAll { known[$0.0] == $0.1 }
        guard !odd.isEmpty else { return }
        try await recordCompared()
        try await record(batch: batch, [], odd: odd)
    }

    private func logChanges(_ copies: [VerifiedCopy]) {
        for copy in copies where copy.finding == .normalised {
            log(.notice, "copy normalised by the server", ["id": "\(copy.id)", "changes": "\(copy.changes)"])
        }
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

    /// Journals what was found of copies, behind `acts`, and counts it. A doubtful copy is not asked for again by this process.
    func record(
        _ acts: [JournalAct] = [], batch: MessageID, _ verified: [VerifiedCopy], odd: [(MessageID, String)]
    ) async throws {
        for (messageID, text) in odd {
            environment.leftovers.insert(messageID, of: id)
            log(.error, "copy not verified", ["id": "\(messageID)", "why": "\(text)"])
        }
        logChanges(verified)
        let found: [JournalAct] = verified.isEmpty ? [] : [.verified(batch: batch, copies: verified)]
        let acts = acts + found + odd.map { JournalAct.doubtful(mailboxID: id, ids: [$0.0], text: $0.1) }
        if !acts.isEmpty { try await environment.journal.append(acts) }
        environment.progress.add { counts in
            counts.verified += verified.count
            counts.normalised += verified.count { $0.finding == .normalised }
            counts.doubtful += odd.count
        }
    }

    /// What the server has changed in copies that differ from what was appended, by UID; without those that it is not known to
    /// make so. Reads their bytes from the spool.
    func knownChanges(_ copies: [DifferentCopy], _ digests: [UID: MailboxDigest]) async throws -> [UID: String] {
        guard !copies.isEmpty else { return [:] }
        let known = try await session().personality.forms
        let (ledger, mailboxID, reader) = (environment.ledger, self.id, environment.reader)
        let changed = copies.compactMap { copy in
            digests[copy.uid].map {
                ChangedCopy(id: copy.id, place: copy.uid, appended: copy.appended, digest: $0.digest)
            }
        }
        return try await environment.blocking {
            try CopyForms.changes(of: changed, mailboxID: mailboxID, by: known, ledger: ledger, reader: reader)
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
        let open = try await session().session
        if selected != folder {
            selected = nil
            _ = try await open.examine(folder)
            selected = folder
        }
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
        while !environment.isStopping.isSet {
            let (ledger, id, start) = (environment.ledger, self.id, after)
            let copies = try await environment.blocking {
                try ledger.unverified(mailboxID: id, after: start, limit: 100)
            }
            guard let last = copies.last else { return }
            after = last.sequence
            // Nothing is asked of the server, not even a login, for what has been tried before.
            let untried = copies.filter { copy in
                // What went elsewhere before the roster changed is not looked for here; `prove --live` looks where it went.
                (copy.target, copy.login) == (target.name, mailbox.mailbox.login) && copy.uid > 0
                    && !environment.leftovers.contains(copy.id, of: id)
            }
            for (folder, group) in Dictionary(grouping: untried, by: \.folder).sorted(by: { $0.key < $1.key }) {
                try await verifyLeftovers(group, in: MailboxName(folder))
            }
        }
    }

    private func verifyLeftovers(_ copies: [UnverifiedCopy], in folder: MailboxName) async throws {
        let validity = try await whereItStands(folder)?.uidValidity
        // A message at which the connection breaks is tried twice, and then in the way of held mail no more.
        for copy in copies { environment.leftovers.tried(copy.id, of: id) }
        let known = Dictionary(copies.map { ($0.id, $0.doubt ?? "") }) { first, _ in first }
        let here = copies.filter { $0.uidValidity == validity }
        let elsewhere = copies.filter { $0.uidValidity != validity && $0.doubt == nil }.map(\.id)
        if !elsewhere.isEmpty {
            try await markDoubtful(
                elsewhere, "its folder \(folder.text) is gone or was made anew before it was compared")
        }
        for (batch, group) in Dictionary(grouping: here, by: \.batch).sorted(by: { $0.key < $1.key }) {
            let expected = Dictionary(group.map { ($0.id, $0.digest) }) { first, _ in first }
            let copies = group.map { DeliveredCopy(id: $0.id, uid: $0.uid) }
            let found = try await readBack(copies.compactMap { UID($0.uid) }, in: folder)
            try await compare(found, batch: batch, copies, known: known) { expected[$0] }
        }
        try await recordCompared()
        for copy in copies { environment.leftovers.insert(copy.id, of: id) }
    }
}

/// Copies that were compared and found as they should be, of which the journal does not know yet. Lost in a crash, they are compared again.
struct ComparedCopies: Sendable {
    private(set) var acts: [JournalAct] = []
    private var copies = 0
    private var normalised = 0

    mutating func add(batch: MessageID, _ verified: [VerifiedCopy]) {
        acts.append(.verified(batch: batch, copies: verified))
        copies += verified.count
        normalised += verified.count { $0.finding == .normalised }
    }

    /// Call when they are journaled.
    func count(in progress: ReplayProgress) {
        guard copies > 0 else { return }
        progress.add { counts in
            counts.verified += copies
            counts.normalised += normalised
        }
    }
}

/// A copy under our id that is not what was appended.
struct DifferentCopy: Sendable {
    var id: MessageID
    var uid: UID
    /// SHA-256 of what was appended.
    var appended: SHA256Digest
}

/// The spool's SHA-256 for bytes that stream out of a mailbox.
struct SpoolDigest: StreamingDigest {
    private let hasher = SHA256Hasher()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bytes) }
    mutating func finish() -> SHA256Digest { hasher.finish() }
}
