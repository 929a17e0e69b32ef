import Ledger
import Logging
import MailModel
import Spool

/// The steps of one segment.
extension Reclaimer {
    /// Gives back the dead messages of a segment, if the segment is sound and is what the Ledger knows.
    func giveBack(_ plan: SegmentPlan) async throws -> ReclaimedSegment {
        let number = plan.number
        switch try await blocking({ [segments] in try segments.contents(of: number) }) {
        case .missing: return ReclaimedSegment(number: number, size: 0, action: .stays(why: "it is gone"))
        case .damaged(let damage): return stays(number, plan.size, because: damage)
        case .sound(let contents):
            guard plan.agrees(with: contents) else {
                let why = "the index and the file disagree: run `layover fsck`, then `layover reindex`"
                logger.error("segment not reclaimed", metadata: ["segment": "\(number)", "why": "\(why)"])
                return ReclaimedSegment(number: number, size: plan.size, action: .stays(why: why))
            }
            // G3. History outlives content: from here on the journal has what the record said.
            try await journal.append(plan.acts(contents))
            return try await finish(contents, reclaimed: plan.candidates.filter { $0.isReclaimed || plan.dead.contains($0.id) })
        }
    }

    /// Takes up what was journaled and not finished.
    func finishEarlier(_ number: Int) async throws -> ReclaimedSegment {
        let rules = ReclaimRules(now: Timestamp.now(), retentionMilliseconds: 0)
        let reclaimed = try await blocking { [ledger] in
            try ledger.reclaimCandidates(segment: number, rules: rules).filter(\.isReclaimed)
        }
        switch try await blocking({ [segments] in try segments.contents(of: number) }) {
        case .damaged(let damage):
            let size = try await blocking { [segments] in try segments.size(of: number) }
            return stays(number, size, because: damage)
        case .missing:
            try await blocking { [segments] in try segments.syncNames() }
            let freed = try await removeLargeFiles(of: reclaimed)
            return try await close(number, size: 0, kept: [], reclaimed: reclaimed.count, freed: freed)
        case .sound(let contents): return try await finish(contents, reclaimed: reclaimed)
        }
    }

    private func stays(_ number: Int, _ size: Int, because damage: SpoolDamage) -> ReclaimedSegment {
        logger.error("segment not reclaimed", metadata: ["segment": "\(number)", "why": "\(damage)"])
        return ReclaimedSegment(number: number, size: size, action: .stays(why: "damaged: \(damage)"))
    }

    /// G4–G7 for a segment whose dead messages are journaled.
    private func finish(_ contents: SegmentContents, reclaimed: [ReclaimCandidate]) async throws -> ReclaimedSegment {
        let number = contents.number
        let dead = Set(reclaimed.map(\.id))
        let present = contents.messages.filter { dead.contains($0.id) }
        var kept = contents.messages.map {
            KeptMessage(id: $0.id, offset: $0.position.offset, recordLength: $0.end.offset - $0.position.offset)
        }
        if present.isEmpty {
            // An earlier run came as far as G5, and perhaps not to G6.
            try await blocking { [segments] in try segments.syncNames() }
        } else {
            kept = try await blocking { [segments] in try segments.prepare(contents, without: dead) }
            let isEmptied = kept.isEmpty
            guard try await replace(number, isEmptied: isEmptied) else {
                let why = "the index is being built anew; the next run goes on with it"
                return ReclaimedSegment(number: number, size: contents.size, action: .stays(why: why))
            }
        }
        let left = try await blocking { [segments] in try segments.size(of: number) }
        let freed = try await removeLargeFiles(of: reclaimed) + contents.size - left
        return try await close(number, size: contents.size, kept: kept, reclaimed: present.count, freed: freed)
    }

    /// G5, G6. False where a Ledger is being built that has not read the segment yet: it must find the file as it began with it.
    private func replace(_ number: Int, isEmptied: Bool) async throws -> Bool {
        try await blocking { [segments, ledger] in
            let lock = try SpoolLock.acquire(layout: ledger.layout, name: .ledgerWriter, wait: true)
            defer { lock?.release() }
            guard try ledger.progress().spool.segment > number else { return false }
            try segments.replace(number, isEmptied: isEmptied)
            return true
        }
    }

    private func removeLargeFiles(of reclaimed: [ReclaimCandidate]) async throws -> Int {
        let ids = reclaimed.filter(\.isLarge).map(\.id)
        return try await blocking { [segments] in try segments.removeLargeFiles(ids) }
    }

    /// G7. The segment is done.
    private func close(_ number: Int, size: Int, kept: [KeptMessage], reclaimed: Int, freed: Int) async throws
        -> ReclaimedSegment
    {
        try await journal.append([.compacted(segment: number, kept: kept, freed: freed)])
        try await blocking { [ledger] in _ = try ledger.catchUp() }
        logger.notice(
            "segment reclaimed",
            metadata: [
                "segment": "\(number)", "messages": "\(reclaimed)", "kept": "\(kept.count)", "freed": "\(freed)",
            ])
        return ReclaimedSegment(
            number: number, size: size, action: kept.isEmpty ? .removed : .compacted(kept: kept.count),
            messages: reclaimed, freed: freed)
    }
}

extension SegmentPlan {
    /// Every record of the file is known, and every message that is not given back has its record.
    func agrees(with contents: SegmentContents) -> Bool {
        let known = Set(candidates.map(\.id))
        let there = Set(contents.messages.map(\.id))
        return there.count == contents.messages.count && there.isSubset(of: known)
            && candidates.allSatisfy { $0.isReclaimed || there.contains($0.id) }
    }

    /// The acts that keep what is known of the dead, in pieces.
    func acts(_ contents: SegmentContents) -> [JournalAct] {
        let known = Dictionary(candidates.map { ($0.id, $0) }) { first, _ in first }
        var acts: [JournalAct] = []
        var messages: [ReclaimedMessage] = []
        var bytes = 0
        func close() {
            if !messages.isEmpty { acts.append(.reclaimed(segment: number, messages: messages)) }
            (messages, bytes) = ([], 0)
        }
        for message in contents.messages where dead.contains(message.id) {
            guard let candidate = known[message.id] else { continue }
            messages.append(ReclaimedMessage(message, candidate))
            bytes += message.end.offset - message.position.offset - (message.isLarge ? 0 : message.length)
            if messages.count >= ReclaimLimits.messagesPerAct || bytes >= ReclaimLimits.bytesPerAct { close() }
        }
        close()
        return acts
    }
}

extension ReclaimedMessage {
    fileprivate init(_ message: SpooledMessage, _ candidate: ReclaimCandidate) {
        self.init(
            ordinal: candidate.ordinal, offset: message.position.offset,
            recordLength: message.end.offset - message.position.offset, envelope: message.envelope,
            length: message.length, digest: message.digest, isLarge: message.isLarge, subject: candidate.subject,
            messageID: candidate.messageID)
    }
}
