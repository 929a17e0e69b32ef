import MailModel
import Spool

/// Writes acts of the journal into the Ledger, inside one transaction.
///
/// Acts are facts: nothing in a journal makes projection fail. A message that is not there is remembered as lost; what names
/// something else unknown is counted in `unmatched`; what is erased, or from a newer version, in `skippedActs`.
struct ActProjection {
    let writer: LedgerWriter
    let rules: AddressRules
    var progress: LedgerProgress
    var tally = Tally()
    /// The act being projected.
    var current = JournalEntry(sequence: 0, at: Timestamp(milliseconds: 0), by: "", act: nil)

    init(_ writer: LedgerWriter, rules: AddressRules, progress: LedgerProgress) {
        self.writer = writer
        self.rules = rules
        self.progress = progress
    }

    mutating func apply(_ entry: JournalEntry) throws {
        let sequence = Int64(clamping: entry.sequence)
        // An act read twice (its position was not stored) was rolled back with it; one with an old number is the same
        // act again.
        guard sequence > progress.act else { return }
        let isBehindGap = sequence > progress.act + 1
        progress.act = sequence
        // What damaged acts said is known only to a Ledger that has read them: as after a restore, a mailbox may hold more than is known.
        if isBehindGap { try flagEveryMailbox(at: entry.at, notes: false) }
        guard let act = entry.act else {
            progress.skippedActs += 1
            return
        }
        current = entry
        try record(act, of: entry)
        try apply(act)
    }

    /// Writes what was gathered. The progress returned still has the journal's old position.
    func finish() throws -> LedgerProgress {
        try tally.store(writer)
        return progress
    }

    private mutating func apply(_ act: JournalAct) throws {
        switch act {
        case .mailboxSet(let mailbox): try setMailbox(mailbox)
        case .mailboxRemoved(let id): try removeMailbox(id)
        case .cutover(let ids, let at, _): try setCutover(ids, at: at.milliseconds)
        case .cutoverUndone(let ids, _): try setCutover(ids, at: nil)
        case .paused(let ids, _): try setPaused(ids, true)
        case .resumed(let ids, _): try setPaused(ids, false)
        case .waveClosed(let name, let why): try closeWave(name, why: why)
        case .assigned(let address, let mailbox, _): try assign(address, to: mailbox)
        case .unassigned(let address, _): try unassign(address)
        case .intent(let intent): try beginAppending(intent)
        case .delivered(let batch, let uidValidity, let copies): try deliver(batch, uidValidity, copies)
        case .notAppended(let batch, let ids, let reason, let mayAppear):
            try takeBack(batch, ids, reason: reason, mayAppear: mayAppear)
        case .verified(let batch, let copies): try verify(batch, copies)
        case .failed(let mailbox, let ids, let errorClass, let text): try park(mailbox, ids, "\(errorClass): \(text)")
        case .retried(let mailbox, let ids, _): try unpark(mailbox, ids)
        case .blocked(let mailbox, let errorClass, let text): try block(mailbox, errorClass, text)
        case .unblocked(let mailbox): try unblock(mailbox)
        case .doubtful(let mailbox, let ids, let text): try doubt(mailbox, ids, text)
        case .doubtCleared(let mailbox, let ids, _): try clearDoubt(mailbox, ids)
        case .missing(let mailbox, let ids): try setMissing(mailbox, ids)
        case .acceptedUnverified(let mailbox, let ids, let why): try acceptUnverified(mailbox, ids, why)
        case .merged(let mailbox, let id, let recipients): try merge(mailbox, id, recipients)
        case .dropped(let id, let recipient, _): try drop(id, recipient)
        case .reclaimed(let segment, let messages): try reclaim(segment, messages)
        case .compacted(let segment, let kept, _): try relocate(segment, kept)
        case .restored: try flagEveryMailbox(at: current.at, notes: true)
        case .shut(let ids, _): try flagBeforeImport(ids)
        case .adopted(let adoption): try adopt(adoption)
        case .reconciled(let mailbox, _): try unflag(mailbox)
        case .throttled(let throttle, let why): try self.throttle(throttle, why: why)
        case .rehearsalBegun(let rehearsal): try beginRehearsal(rehearsal)
        case .rehearsalEnded(let run, let target, let login, _): try endRehearsal(run, target, login)
        }
    }

    mutating func unmatched() { progress.unmatched += 1 }
}
