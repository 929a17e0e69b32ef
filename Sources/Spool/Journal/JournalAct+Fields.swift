import MailModel

/// Acts as the journal's lines and back. The word after `Act:` and the names of the lines never change their meaning.
extension JournalAct {
    func encode(into writer: inout JournalFieldWriter) {
        switch self {
        case .mailboxSet(let mailbox): Self.encode(mailbox, into: &writer)
        case .mailboxRemoved(let id):
            writer.add("Act", "mailbox-removed")
            writer.add("Mailbox", id)
        case .cutover(let ids, let at, let why):
            Self.encode("cutover", ids, why, into: &writer)
            writer.add("Cutover-At", at.rfc3339)
        case .cutoverUndone(let ids, let why): Self.encode("cutover-undone", ids, why, into: &writer)
        case .paused(let ids, let why): Self.encode("paused", ids, why, into: &writer)
        case .resumed(let ids, let why): Self.encode("resumed", ids, why, into: &writer)
        case .waveClosed(let name, let why):
            writer.add("Act", "wave-closed")
            writer.add("Wave", name)
            writer.add("Why", why)
        case .assigned, .unassigned: encodeAssignment(into: &writer)
        case .dropped(let id, let recipient, let why):
            writer.add("Act", "dropped")
            writer.add("Message", id.description)
            writer.add("Recipient", recipient)
            writer.add("Why", why)
        case .intent, .delivered, .notAppended, .verified, .failed, .retried, .doubtful, .doubtCleared,
            .missing, .acceptedUnverified, .merged:
            encodeDelivery(into: &writer)
        case .reclaimed, .compacted: encodeReclaim(into: &writer)
        case .restored, .shut, .adopted, .reconciled: encodeRestore(into: &writer)
        case .throttled: encodeThrottle(into: &writer)
        case .blocked, .unblocked: encodeBlock(into: &writer)
        case .rehearsalBegun, .rehearsalEnded: encodeRehearsal(into: &writer)
        }
    }

    init?(from reader: inout JournalFieldReader) {
        let ids = reader.all("Mailbox")
        let why = reader.text("Why") ?? ""
        switch reader.text("Act") {
        case "mailbox-set":
            guard let mailbox = Self.mailbox(from: reader) else { return nil }
            self = .mailboxSet(mailbox)
        case "mailbox-removed": self = .mailboxRemoved(id: ids.first ?? "")
        case "cutover":
            guard let at = reader.text("Cutover-At").flatMap(Timestamp.init(rfc3339:)) else { return nil }
            self = .cutover(mailboxIDs: ids, at: at, why: why)
        case "cutover-undone": self = .cutoverUndone(mailboxIDs: ids, why: why)
        case "paused": self = .paused(mailboxIDs: ids, why: why)
        case "resumed": self = .resumed(mailboxIDs: ids, why: why)
        case "wave-closed": self = .waveClosed(name: reader.text("Wave") ?? "", why: why)
        case "dropped":
            guard let id = reader.id("Message") else { return nil }
            self = .dropped(id: id, recipient: reader.text("Recipient") ?? "", why: why)
        case let word?:
            let act = Self.delivery(word, from: reader) ?? Self.reclaim(word, from: reader)
            let later = Self.restore(word, from: reader) ?? Self.throttle(word, from: reader)
            let latest = Self.block(word, from: reader) ?? Self.rehearsal(word, from: reader)
            guard let act = act ?? later ?? latest ?? Self.assignment(word, from: reader) else { return nil }
            self = act
        case nil: return nil
        }
    }

    private static func encode(_ word: String, _ ids: [String], _ why: String, into writer: inout JournalFieldWriter) {
        writer.add("Act", word)
        writer.add("Mailbox", all: ids)
        writer.add("Why", why)
    }

    private static func encode(_ mailbox: RosterMailbox, into writer: inout JournalFieldWriter) {
        writer.add("Act", "mailbox-set")
        writer.add("Mailbox", mailbox.id)
        writer.add("Address", mailbox.address)
        writer.add("Login", mailbox.login)
        writer.add("Target", mailbox.target)
        writer.add("Wave", mailbox.wave)
        writer.add("Alias", all: mailbox.aliases)
        writer.add("Type", mailbox.kind.rawValue)
        writer.add("Folder", mailbox.folder)
    }

    private static func mailbox(from reader: JournalFieldReader) -> RosterMailbox? {
        guard let id = reader.text("Mailbox"), let address = reader.text("Address"), let login = reader.text("Login"),
            let target = reader.text("Target")
        else { return nil }
        return RosterMailbox(
            id: id, address: address, login: login, target: target, wave: reader.text("Wave") ?? "",
            aliases: reader.all("Alias"), kind: reader.text("Type").flatMap(RosterMailbox.Kind.init) ?? .user,
            folder: reader.text("Folder") ?? "INBOX")
    }
}
