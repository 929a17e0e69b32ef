import MailModel

/// The writer's state, owned by its thread.
final class SegmentWriterLoop: @unchecked Sendable {  // Safe because after `init` only the writer's thread touches it.
    /// How a group ended.
    enum Outcome {
        case committed
        /// F3. Not written, nothing left behind; the next group starts a new segment.
        case refused(SpoolError)
        /// F4. The disk is in doubt: no more messages.
        case ended(SpoolError)

        var error: SpoolError? {
            switch self {
            case .committed: nil
            case .refused(let error), .ended(let error): error
            }
        }
    }

    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    let limits: SpoolLimits
    private let committed: CommittedPosition
    private var nextNumber: Int
    private var segment: SegmentFile?
    private let hasher = SHA256Hasher()
    /// The header and envelope bytes of the group being written, kept so that their memory is.
    private var heads: [UInt8] = []

    init(
        layout: SpoolLayout, fileSystem: any SpoolFileSystem, limits: SpoolLimits, committed: CommittedPosition,
        nextNumber: Int
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.limits = limits
        self.committed = committed
        self.nextNumber = nextNumber
    }

    /// R7. Where the receiver is to begin. Damage that only the published position tells from a torn end gets a segment behind it
    /// at once: from then on every start knows, and every reader.
    func begin(behind recovery: RecoveryReport) throws -> SpoolPosition {
        guard let end = recovery.end else { return .start }
        guard recovery.endByRecords != end else { return end }
        do {
            let begun = try begin()
            segment = begun
            return SpoolPosition(segment: begun.number, offset: begun.synced)
        } catch let failure as SegmentFailure {
            throw failure.cause
        }
    }

    /// Cuts what is ready into groups within the limits, in order.
    func groups(_ ready: [MessageCommit]) -> [[MessageCommit]] {
        var groups: [[MessageCommit]] = []
        var group: [MessageCommit] = []
        var bytes = 0
        for commit in ready {
            if !group.isEmpty,
                group.count >= limits.groupMessages || bytes + commit.recordLength > limits.groupSize.bytes
            {
                groups.append(group)
                group = []
                bytes = 0
            }
            group.append(commit)
            bytes += commit.recordLength
        }
        groups.append(group)
        return groups
    }

    /// D2–D4 for one group, with N1–N3 before where a new segment is due, and F2–F4 where the disk says no.
    func commit(_ group: [MessageCommit]) -> Outcome {
        do {
            try makeReady()
            guard var active = segment else {
                return .ended(SpoolError(code: .closed, message: "there is no active segment"))
            }
            // F2. Closed for good unless all goes well; but an empty one that is as it was may be tried again.
            segment = nil
            do {
                try write(group, to: &active)
            } catch let failure as SegmentFailure where failure.isTakenBack && active.isEmpty {
                segment = active
                throw failure
            }
            segment = active
            // D4. A hint for readers; it is not what makes the message safe, so its failure is not the message's.
            try? committed.publish(SpoolPosition(segment: active.number, offset: active.synced))
            return .committed
        } catch {
            return (error as? SegmentFailure ?? SegmentFailure(error, isTakenBack: false)).outcome
        }
    }

    /// Ends a full segment and begins the next one. Throws ``SegmentFailure``.
    private func makeReady() throws {
        if let active = segment, active.end < limits.segmentSize.bytes { return }
        // N1. Segment n+1 exists only when n is synced to its end.
        try end()
        segment = try begin()
    }

    /// N2, N3. Throws ``SegmentFailure``.
    private func begin() throws -> SegmentFile {
        let begun = try SegmentFile.create(
            number: nextNumber, layout: layout, fileSystem: fileSystem, now: .now(), hasher: hasher)
        nextNumber += 1
        return begun
    }

    /// D2, D3. One gathered write and one sync for the group.
    private func write(_ group: [MessageCommit], to active: inout SegmentFile) throws {
        heads.removeAll(keepingCapacity: true)
        var headEnds: [Int] = []
        headEnds.reserveCapacity(group.count)
        for commit in group {
            appendHead(of: commit, nonce: active.nonce, synced: active.synced)
            headEnds.append(heads.count)
        }
        // One LF ends each record; it is written from the head of the array below.
        var total = 0
        let ending: [UInt8] = [lineFeed]
        try heads.withUnsafeBytes { heads in
            try ending.withUnsafeBytes { ending in
                var pieces: [UnsafeRawBufferPointer] = []
                pieces.reserveCapacity(group.count * 3)
                var start = 0
                for (commit, end) in zip(group, headEnds) {
                    pieces.append(UnsafeRawBufferPointer(rebasing: heads[start..<end]))
                    if case .memory(let body) = commit.content { pieces.append(body.bytes) }
                    pieces.append(ending)
                    start = end
                    total += commit.recordLength
                }
                try active.append(pieces, count: total)
            }
        }
    }

    private func appendHead(of commit: MessageCommit, nonce: [UInt8], synced: Int) {
        let kind: RecordHeader.Kind
        switch commit.content {
        case .memory: kind = .message
        case .large: kind = .large
        }
        let start = heads.count
        RecordHeader.appendPrefix(
            to: &heads, nonce: nonce, kind: kind, name: commit.id.bytes, envelopeLength: commit.envelopeLines.count,
            messageLength: commit.messageLength, digest: commit.digest, synced: synced)
        heads.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        commit.envelopeLines.withUnsafeBytes { hasher.update($0) }
        RecordHeader.appendEnd(to: &heads, from: start, recordDigest: hasher.finish(), hasher: hasher)
        heads += commit.envelopeLines
    }

    private func end() throws {
        guard var active = segment else { return }
        segment = nil
        try active.seal(hasher: hasher)
        try? committed.publish(SpoolPosition(segment: active.number, offset: active.synced))
    }

    /// Ends the active segment in order. A failure costs only the seal: every message was synced when it was acknowledged.
    func seal() { try? end() }
}
