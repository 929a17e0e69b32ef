import Ledger
import MailModel
import Spool

/// Takes messages of another spool over: the same ids, envelopes and times of reception, through the writer that takes mail
/// from the network, so that every step of durability is the same (Durability D1–D5, L1–L4).
///
/// A message comes in once: an id that is here already is passed over, so an import that was cut short is simply run again.
struct MailImport {
    let source: any ImportSource
    let ledger: Ledger
    /// Nil for a dry run.
    let writer: SegmentWriter?
    let limits = SpoolLimits()
    let layout: SpoolLayout
    let floor: FreeSpaceFloor
    let now: Timestamp
    var meter: ExportMeter

    private var report = ImportReport()
    private var batch = ImportBatch()
    /// Ids of this run, since the index here does not have them yet.
    private var taken: Set<MessageID> = []

    init(
        source: any ImportSource, ledger: Ledger, writer: SegmentWriter?, layout: SpoolLayout, floor: FreeSpaceFloor,
        now: Timestamp, meter: ExportMeter
    ) {
        self.source = source
        self.ledger = ledger
        self.writer = writer
        self.layout = layout
        self.floor = floor
        self.now = now
        self.meter = meter
    }

    /// The messages that nobody but the other spool's replay can judge, less those that are here already.
    func doubtful() throws -> [String] {
        var found: [String] = []
        try forEachUnknown { if let line = $0.obstacle { found.append(line) } }
        return found
    }

    /// The addresses of mail that may be in its mailboxes already: received before this spool was brought back, as it is known since
    /// `restoredAt`, or at a time that is still to come, by another clock.
    func recipientsOfOlderMail(_ restoredAt: Timestamp) throws -> Set<MailAddress> {
        var found: Set<MailAddress> = []
        try forEachUnknown { candidate in
            let receivedAt = candidate.envelope.receivedAt
            guard receivedAt <= restoredAt || receivedAt > now else { return }
            if case .owed(let recipients) = candidate.verdict { found.formUnion(recipients) }
        }
        return found
    }

    /// Looks at every message of the source that is not here already, before anything is taken over.
    private func forEachUnknown(_ body: (ImportCandidate) -> Void) throws {
        var source = self.source
        try source.rewind()
        while true {
            let page = try source.next()
            if page.isEmpty { break }
            let known = try ledger.known(page.map(\.envelope.id))
            for candidate in page where !known.contains(candidate.envelope.id) { body(candidate) }
        }
        try source.rewind()
    }

    /// When this returns, everything that is counted as imported is on stable storage.
    mutating func run() async throws -> ImportReport {
        var source = self.source
        while true {
            let page = try source.next()
            if page.isEmpty { break }
            let known = try ledger.known(page.map(\.envelope.id))
            for candidate in page {
                let id = candidate.envelope.id
                if known.contains(id) || taken.contains(id) {
                    report.known += 1
                } else {
                    try await take(candidate)
                }
                meter.show(done: report.seen, bytes: report.bytes)
            }
        }
        if let writer { try await batch.commit(to: writer) }
        meter.end()
        report.damaged += source.damaged
        report.unnamed = source.unnamed.sorted()
        return report
    }

    private mutating func take(_ candidate: ImportCandidate) async throws {
        switch candidate.verdict {
        case .settled: report.settled += 1
        case .doubtful, .unknown: report.doubtful.append(candidate.obstacle ?? "")
        case .owed(let recipients):
            var envelope = candidate.envelope
            envelope.recipients = recipients
            envelope.importedAt = now
            try requireRoom(for: candidate.length)
            do {
                let content = try read(candidate)
                taken.insert(envelope.id)
                report.messages += 1
                report.bytes += candidate.length
                report.recipients += recipients.count
                report.served += candidate.envelope.recipients.count - recipients.count
                guard let writer else { return }
                let memory = if case .memory = content { candidate.length } else { 0 }
                batch.add(envelope, content, candidate.digest, memory: memory)
                if batch.isFull { try await batch.commit(to: writer) }
            } catch let error as ImportDamage {
                report.damaged.append(error.description)
            }
        }
    }

    /// Reads and checks the bytes; a large message goes to its file on the way.
    private func read(_ candidate: ImportCandidate) throws -> MessageCommit.Content {
        let hasher = SHA256Hasher()
        var length = 0
        let isLarge = candidate.length > limits.largeThreshold.bytes
        let memory = MessageBody(capacity: isLarge ? 0 : candidate.length)
        let large = try isLarge && writer != nil ? largeFile(candidate.envelope.id) : nil
        do {
            do {
                try candidate.content { piece in
                    hasher.update(piece)
                    let start = length
                    length += piece.count
                    guard length <= candidate.length else { throw ImportDamage(candidate, "longer than it was") }
                    if let large {
                        let body = MessageBody(capacity: piece.count)
                        body.append(piece)
                        do { try large.write(body, at: start) } catch { throw WriteFailure(cause: error) }
                    } else if !isLarge {
                        memory.append(piece)
                    }
                }
            } catch let error as SpoolError {
                throw ImportDamage(candidate, "\(error)")
            }
            guard length == candidate.length, hasher.finish() == candidate.digest else {
                throw ImportDamage(candidate, "its bytes are not those that were accepted")
            }
            // L2, L3.
            try large?.commit()
        } catch let failure as WriteFailure {
            large?.abandon()
            throw failure.cause
        } catch {
            large?.abandon()
            throw error
        }
        return isLarge ? .large(length: length) : .memory(memory)
    }

    private func largeFile(_ id: MessageID) throws -> LargeFile {
        try LargeFile(id: id, layout: layout, fileSystem: POSIXFileSystem())
    }

    /// The floor that holds for mail holds for an import.
    private func requireRoom(for bytes: Int) throws {
        let space = try POSIXFileSystem().freeSpace(at: layout.directory)
        let floor = self.floor.bytes(ofTotal: ByteCount(space.totalBytes))
        guard space.freeBytes - bytes < floor.bytes else { return }
        throw CommandError(
            .inputOutput,
            "the disk is at its floor of \(floor): make room, then import again: what is here already is not taken twice"
        )
    }
}

/// This spool could not be written: no fault of the message.
private struct WriteFailure: Error {
    var cause: any Error
}

/// A message that is not as it was accepted.
private struct ImportDamage: Error, CustomStringConvertible {
    let description: String

    init(_ candidate: ImportCandidate, _ finding: String) { description = "\(candidate.envelope.id): \(finding)" }
}

extension ImportCandidate {
    /// Why the message cannot be taken over, in one line; nil where it can.
    var obstacle: String? {
        switch verdict {
        case .doubtful(let recipients):
            "\(envelope.id) for \(recipients.map(\.text).joined(separator: ", ")): may be in the mailbox or not"
        case .unknown(let state): "\(envelope.id): a state that this version does not know: \(state)"
        case .owed, .settled: nil
        }
    }
}
