import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// Reading back: the SHA-256 of what was appended against that of what the mailbox gives.
extension MailboxReplay {
    /// What a copy was found to be.
    private enum Finding {
        case exact, normalised
        /// Gone before it could be read: moved or deleted by somebody.
        case missing
        case different
    }

    /// Verifies the copies of a batch and journals it. What does not match is reported and stays `delivered`.
    func verify(_ intent: AppendIntent, _ copies: [DeliveredCopy]) async throws {
        let expected = Dictionary(intent.entries.map { ($0.id, $0.digest) }) { first, _ in first }
        try await verify(batch: intent.batch, copies: copies) { expected[$0] }
    }

    private func verify(batch: MessageID, copies: [DeliveredCopy], expected: (MessageID) -> SHA256Digest?) async throws {
        let uids = copies.compactMap { UID($0.uid) }
        guard !uids.isEmpty else { return }
        let digests: [UID: MailboxDigest]
        do {
            digests = try await readBack(uids)
        } catch let error as IMAPError where error.code.meansLostConnection {
            // Delivered and journaled; it will be verified as a leftover.
            return try await connectionLost("\(error)")
        }
        var verified: [VerifiedCopy] = []
        var odd: [(MessageID, String)] = []
        for copy in copies {
            guard let uid = UID(copy.uid), let digest = expected(copy.id) else { continue }
            switch finding(digests[uid], of: copy.id, expected: digest) {
            case .exact: verified.append(VerifiedCopy(id: copy.id, uid: copy.uid, finding: .exact))
            case .normalised: verified.append(VerifiedCopy(id: copy.id, uid: copy.uid, finding: .normalised))
            case .missing: odd.append((copy.id, "the copy was gone before it could be read back"))
            case .different: odd.append((copy.id, "the copy is not what was appended"))
            }
        }
        var acts: [JournalAct] = verified.isEmpty ? [] : [.verified(batch: batch, copies: verified)]
        for (messageID, text) in odd {
            acts.append(.doubtful(mailboxID: id, ids: [messageID], text: text))
            log(.error, "copy not verified", ["id": "\(messageID)", "why": "\(text)"])
        }
        if !acts.isEmpty { try await environment.journal.append(acts) }
        environment.progress.add { counts in
            counts.verified += verified.count
            counts.normalised += verified.count { $0.finding == .normalised }
            counts.doubtful += odd.count
        }
    }

    private func finding(_ copy: MailboxDigest?, of messageID: MessageID, expected: SHA256Digest) -> Finding {
        // An empty answer is Zimbra's stub for a message deleted meanwhile (imap-targets §1.5), not a corrupt one.
        guard let copy, copy.octets > 0 else { return .missing }
        return copy.digest == expected ? .exact : .different
    }

    /// The digests of what the mailbox gives for these UIDs; asks once more for what is missing, after a NOOP.
    func readBack(_ uids: [UID]) async throws -> [UID: MailboxDigest] {
        _ = try await currentPosition()
        let session = try await self.session().session
        var found = try await session.fetchDigests(uids) { SpoolDigest() }
        let missing = uids.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        // A server need not show new messages to a session before it has told it of them.
        try await session.noop()
        found.merge(try await session.fetchDigests(missing) { SpoolDigest() }) { $1 }
        return found
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
            let current = try await currentPosition()
            let here = copies.filter {
                $0.folder == mailbox.mailbox.folder && $0.uidValidity == current.uidValidity && $0.uid > 0
                    && environment.leftovers.insert($0.id)
            }
            for (batch, group) in Dictionary(grouping: here, by: \.batch).sorted(by: { $0.key < $1.key }) {
                let expected = Dictionary(group.map { ($0.id, $0.digest) }) { first, _ in first }
                try await verify(batch: batch, copies: group.map { DeliveredCopy(id: $0.id, uid: $0.uid) }) { expected[$0] }
            }
        }
    }
}

/// The spool's SHA-256 for bytes that stream out of a mailbox.
struct SpoolDigest: StreamingDigest {
    private let hasher = SHA256Hasher()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bytes) }
    mutating func finish() -> SHA256Digest { hasher.finish() }
}
