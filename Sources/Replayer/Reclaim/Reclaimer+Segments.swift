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
            return try await finish(
                contents, reclaimed: plan.candidates.filter { $0.isReclaimed || plan.dead.contains($0.id) })
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
            let large = reclaimed.filter(\.isLarge).map(\.id)
            let result = try await blocking { [segments] in try segments.finishRemoved(large: large) }
            return try await close(number, size: 0, result)
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
        let large = reclaimed.filter(\.isLarge).map(\.id)
        let result = try await blocking { [segments, ledger] in
            try segments.giveBack(contents, dead: dead, large: large) { replace in
                // A Ledger that is being built must find the file as it began with it.
                let lock = try SpoolLock.acquire(layout: ledger.layout, name: .ledgerWriter, wait: true)
                defer { lock?.release() }
                guard try ledger.progress().spool.segment > number else { return false }
                try replace()
                return true
            }
        }
        guard let result else {
            let why = "the index is being built anew; the next run goes on with it"
            return ReclaimedSegment(number: number, size: contents.size, action: .stays(why: why))
        }
        return try await close(number, size: contents.size, result)
    }

    /// G7. The segment is done.
    private func close(_ number: Int, size: Int, _ result: SegmentReclaim.Result) async throws -> ReclaimedSegment {
        let kept = result.kept
        try await journal.append([.compacted(segment: number, kept: kept, freed: result.freed)])
        try await blocking { [ledger] in _ = try ledger.catchUp() }
        logger.notice(
            "segment reclaimed",
            metadata: [
                "segment": "\(number)", "messages": "\(result.messages)", "kept": "\(kept.count)",
                "freed": "\(result.freed)",
            ])
        return ReclaimedSegment(
            number: number, size: size, action: kept.isEmpty ? .removed : .compacted(kept: kept.count),
            messages: result.messages, freed: result.freed)
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
