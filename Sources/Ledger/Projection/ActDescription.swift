import MailModel
import Spool

/// An act in words, for the history.
struct ActDescription {
    /// The name of the act in the journal.
    var kind: String
    var batch: MessageID?
    /// What it did, in a few words.
    var what: String
    /// The reason that a person or server gave; may be empty.
    var why: String

    static let notAppended = "not_appended"

    init(_ act: JournalAct) {
        (kind, what, why) = Self.words(act)
        switch act {
        case .intent(let intent): batch = intent.batch
        case .delivered(let batch, _, _), .notAppended(let batch, _, _, _), .verified(let batch, _): self.batch = batch
        case .adopted(let adoption): batch = adoption.batch
        default: batch = nil
        }
    }

    private static func words(_ act: JournalAct) -> (kind: String, what: String, why: String) {
        switch act {
        case .mailboxSet(let mailbox):
            ("mailbox_set", "\(mailbox.address) is \(mailbox.login) on \(mailbox.target)", "")
        case .mailboxRemoved(let id): ("mailbox_removed", id, "")
        case .cutover(let ids, let at, let why): ("cutover", "\(mailboxes(ids)) from \(at.rfc3339)", why)
        case .cutoverUndone(let ids, let why): ("cutover_undone", mailboxes(ids), why)
        case .paused(let ids, let why): ("paused", mailboxes(ids), why)
        case .resumed(let ids, let why): ("resumed", mailboxes(ids), why)
        case .waveClosed(let name, let why): ("wave_closed", name, why)
        case .assigned(let address, let mailbox, let why): ("assigned", "\(address) to \(mailbox)", why)
        case .unassigned(let address, let why): ("unassigned", address, why)
        case .intent(let intent):
            (
                "intent",
                "\(messages(intent.entries.count)) for \(intent.login) on \(intent.target), folder \(intent.folder)", ""
            )
        case .delivered(_, let validity, let copies):
            ("delivered", "\(messages(copies.count)), UIDVALIDITY \(validity)", "")
        case .notAppended(_, let ids, let reason, _): (Self.notAppended, messages(ids.count), reason)
        case .verified(_, let copies): ("verified", messages(copies.count), "")
        case .failed(_, let ids, let errorClass, let text): ("failed", "\(messages(ids.count)), \(errorClass)", text)
        case .retried(_, let ids, let why): ("retried", messages(ids.count), why)
        case .blocked(_, let errorClass, let text): ("blocked", errorClass, text)
        case .unblocked: ("unblocked", "what blocked it is over", "")
        case .doubtful(_, let ids, let text): ("doubtful", messages(ids.count), text)
        case .doubtCleared(_, let ids, let text): ("doubt_cleared", messages(ids.count), text)
        case .missing(_, let ids): ("missing", "\(messages(ids.count)): in no folder of the account", "")
        case .acceptedUnverified(_, let ids, let why): ("accepted_unverified", messages(ids.count), why)
        case .merged(_, _, let recipients): ("merged", recipients.joined(separator: ", "), "")
        case .dropped(_, let recipient, let why):
            ("dropped", recipient.isEmpty ? "for all recipients" : "for \(recipient)", why)
        case .reclaimed(let segment, let gone): ("reclaimed", "\(messages(gone.count)) of segment \(segment)", "")
        case .compacted(let segment, let kept, let freed):
            ("compacted", "segment \(segment): \(ByteCount(freed)) given back, \(messages(kept.count)) kept", "")
        case .restored(let what, let why): ("restored", what, why)
        case .shut(let ids, let why): ("shut", mailboxes(ids), why)
        case .adopted(let adoption):
            (
                "adopted",
                "\(messages(adoption.copies.count)) found in \(adoption.login) on \(adoption.target), folder \(adoption.folder)",
                ""
            )
        case .reconciled(_, let text): ("reconciled", text, "")
        case .throttled(let throttle, let why): ("throttled", "\(throttle.target): \(throttle.words)", why)
        case .rehearsalBegun(let rehearsal):
            (
                "rehearsal_begun",
                "\(messages(rehearsal.messages)) for folder \(rehearsal.folder) of \(rehearsal.login) on \(rehearsal.target)",
                rehearsal.why
            )
        case .rehearsalEnded(_, let target, let login, let text):
            ("rehearsal_ended", "\(login) on \(target): \(text)", "")
        }
    }

    private static func mailboxes(_ ids: [String]) -> String { ids.count == 1 ? ids[0] : "\(ids.count) mailboxes" }
    private static func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }
}
