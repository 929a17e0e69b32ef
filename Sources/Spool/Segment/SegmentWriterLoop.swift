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
        layout: SpoolLayout, fileSystem: any SpoolFileSystem, limits: SpoolLimits, committed: CommittedPosition, nextNumber: Int
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.limits = limits
        self.committed = committed
        self.nextNumber = nextNumber
    }

    /// Cuts what is ready into groups within the limits, in order.
    func groups(_ ready: [MessageCommit]) -> [[MessageCommit]] {
        var groups: [[MessageCommit]] = []
        var group: [MessageCommit] = []
        var bytes = 0
        for commit in ready {
            if !group.isEmpty, group.count >= limits.groupMessages || bytes + commit.recordLength > limits.groupSize.bytes {
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

    /// D2–D4 for one group, with N1–N3 before where a new segment is due.
    func commit(_ group: [MessageCommit]) -> Outcome {
        var active: SegmentFile
        do {
            active = try activeSegment()
        } catch let error as SpoolError {
            segment = nil
            return error.code == .noSpace ? .refused(error) : .ended(error)
        } catch {
            return .ended(SpoolError(code: .io, message: "\(error)"))
        }
        do {
            try write(group, to: &active)
        } catch {
            return abandon(active, after: error, isWrite: true)
        }
        do {
            try active.sync()
        } catch {
            return abandon(active, after: error, isWrite: false)
        }
        segment = active
        // D4. A hint for readers; it is not what makes the message safe, so its failure is not the message's.
        try? committed.publish(SpoolPosition(segment: active.number, offset: active.synced))
        return .committed
    }

    private func activeSegment() throws -> SegmentFile {
        if var full = segment {
            guard full.end >= limits.segmentSize.bytes else { return full }
            // N1. Segment n+1 exists only when n is synced to its end.
            segment = nil
            try full.seal(hasher: hasher)
            try? committed.publish(SpoolPosition(segment: full.number, offset: full.synced))
        }
        let number = nextNumber
        nextNumber += 1
        return try SegmentFile.create(
            number: number, layout: layout, fileSystem: fileSystem, now: .now(), hasher: hasher)
    }

    /// D2. One gathered write for the group.
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
                try active.write(pieces, count: total)
            }
        }
    }

    private func appendHead(of commit: MessageCommit, nonce: [UInt8], synced: Int) {
        let kind: RecordHeader.Kind
        switch commit.content {
        case .memory: kind = .message
        case .large: kind = .large
        }
        let prefix = RecordHeader.prefix(
            nonce: nonce, kind: kind, name: commit.id.bytes, envelopeLength: commit.envelopeLines.count,
            messageLength: commit.messageLength, digest: commit.digest, synced: synced)
        prefix.withUnsafeBytes { hasher.update($0) }
        commit.envelopeLines.withUnsafeBytes { hasher.update($0) }
        heads += RecordHeader.finish(prefix, recordDigest: hasher.finish(), hasher: hasher)
        heads += commit.envelopeLines
    }

    /// F2–F4. Takes the group back.
    private func abandon(_ broken: SegmentFile, after error: any Error, isWrite: Bool) -> Outcome {
        var broken = broken
        segment = nil
        let cause = error as? SpoolError ?? SpoolError(code: .io, message: "\(error)")
        let cut: Void? = try? broken.cutToSynced()
        // F3. Only a *write* that found no room leaves nothing unknown; after a failed sync the page cache lies (A3).
        return isWrite && cut != nil && cause.code == .noSpace ? .refused(cause) : .ended(cause)
    }

    /// Ends the active segment in order.
    func seal() {
        guard var active = segment else { return }
        segment = nil
        // A failure costs only the seal: every message was synced when it was acknowledged.
        guard (try? active.seal(hasher: hasher)) != nil else { return }
        try? committed.publish(SpoolPosition(segment: active.number, offset: active.synced))
    }
}
