public import MailModel

/// An act that is not the arrival of a message: what was done, with everything needed to project it into the Ledger again.
///
/// Acts are facts about the past. A new version may add kinds; it never changes what a kind means.
public enum JournalAct: Hashable, Sendable {
    /// A mailbox was added to the roster, or its row replaced.
    case mailboxSet(RosterMailbox)
    /// A mailbox left the roster.
    case mailboxRemoved(id: String)
    /// From `at` on the mailboxes' held mail may be delivered. `why` may be empty.
    case cutover(mailboxIDs: [String], at: Timestamp, why: String)
    /// The cutover was taken back: the mailboxes hold again.
    case cutoverUndone(mailboxIDs: [String], why: String)
    case paused(mailboxIDs: [String], why: String)
    case resumed(mailboxIDs: [String], why: String)
    case waveClosed(name: String, why: String)
    /// A person said whose mail an address is. It stays so when a roster is imported, until `unassigned`.
    case assigned(address: String, mailboxID: String, why: String)
    case unassigned(address: String, why: String)
    /// An APPEND is about to be committed. Synced before its commit token goes out.
    case intent(AppendIntent)
    /// The server has the batch: UIDs in the order of the intent's entries (0 where the server named none).
    case delivered(batch: MessageID, uidValidity: UInt32, copies: [DeliveredCopy])
    /// These entries of the batch are not in the mailbox; they are held again. `mayAppear`: the commit token went out, so a server that
    /// mends its index, or behind a proxy, may show them all the same.
    case notAppended(batch: MessageID, ids: [MessageID], reason: String, mayAppear: Bool = true)
    /// The mailbox gave the message back and its digest was compared.
    case verified(batch: MessageID, copies: [VerifiedCopy])
    /// The message was refused for good by this mailbox (poison, too big); it is parked until `retry`.
    case failed(mailboxID: String, ids: [MessageID], errorClass: String, text: String)
    /// `retry`: parked messages of the mailbox are held again, and it is tried at once. `why` may be empty.
    case retried(mailboxID: String, ids: [MessageID], why: String)
    /// Nothing can go into the mailbox now, for this reason. It is tried again from time to time, and at once after `retry`.
    case blocked(mailboxID: String, errorClass: String, text: String)
    /// What blocked the mailbox is over.
    case unblocked(mailboxID: String)
    /// IMAP could not tell whether a copy is there; the message was, or will be, appended again.
    case doubtful(mailboxID: String, ids: [MessageID], text: String)
    /// The whole account was looked through, and has exactly one copy: the mark of `doubtful` goes.
    case doubtCleared(mailboxID: String, ids: [MessageID], text: String)
    /// The whole account was looked through, and has no copy of these, which nobody had compared.
    case missing(mailboxID: String, ids: [MessageID])
    /// A person takes delivered copies for good that nobody can compare any more: their owners have deleted them.
    case acceptedUnverified(mailboxID: String, ids: [MessageID], why: String)
    /// The mailbox has the message already, by another of its addresses: these recipients get no copy of their own.
    case merged(mailboxID: String, id: MessageID, recipients: [String])
    /// A person gave the message up for this recipient (empty: for all), with a reason.
    case dropped(id: MessageID, recipient: String, why: String)
    /// The bytes of these messages of a segment are about to be given back; this is what is kept of them.
    case reclaimed(segment: Int, messages: [ReclaimedMessage])
    /// The segment was written anew with the messages that are kept, or removed where there are none; `freed` in bytes.
    case compacted(segment: Int, kept: [KeptMessage], freed: Int)
    /// The spool was found to be restored from a backup, copied or cut short: acts are missing before this one. Nothing goes into
    /// any mailbox before `reconciled`.
    case restored(what: String, why: String)
    /// Mail that was received before the spool was brought back is about to come to these mailboxes, and may be in them already.
    /// Synced before the first of it comes in. Nothing goes into them before `reconciled`.
    case shut(mailboxIDs: [String], why: String)
    /// The mailbox was found to have these.
    case adopted(Adoption)
    /// The mailbox was looked through, and what it has was adopted: its held mail may go.
    case reconciled(mailboxID: String, text: String)
    /// From now on a target is given no more than this; an open throttle takes back the one before. `why` may be empty.
    case throttled(Throttle, why: String)
    /// Copies of held mail are about to be put into a shadow folder of an account. Synced before anything is changed there.
    case rehearsalBegun(Rehearsal)
    /// What the rehearsal had put there is gone again.
    case rehearsalEnded(run: MessageID, target: String, login: String, text: String)
}

/// One message that a mailbox is known to have.
public struct DeliveredCopy: Hashable, Sendable {
    public var id: MessageID
    public var uid: UInt32

    public init(id: MessageID, uid: UInt32) {
        self.id = id
        self.uid = uid
    }
}

/// What comparing a mailbox's copy with what was appended has shown.
public struct VerifiedCopy: Hashable, Sendable {
    public enum Finding: String, Sendable {
        /// The SHA-256 of the copy is the SHA-256 of what was appended.
        case exact
        /// The server changed the form in a way that it is known for; the digest equals that form's.
        case normalised
    }

    public var id: MessageID
    public var uid: UInt32
    public var finding: Finding
    /// What the server has changed, in words; empty where nothing was.
    public var changes: String

    public init(id: MessageID, uid: UInt32, finding: Finding, changes: String = "") {
        self.id = id
        self.uid = uid
        self.finding = finding
        self.changes = changes
    }
}
