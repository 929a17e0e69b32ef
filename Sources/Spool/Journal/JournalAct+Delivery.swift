import MailModel

/// The acts of a replay as the journal's lines and back.
extension JournalAct {
    func encodeDelivery(into writer: inout JournalFieldWriter) {
        switch self {
        case .intent(let intent): Self.encode(intent, into: &writer)
        case .delivered(let batch, let uidValidity, let copies):
            writer.add("Act", "delivered")
            writer.add("Batch", batch.description)
            writer.add("UIDValidity", uidValidity)
            for copy in copies { writer.add("Copy", "\(copy.id) \(copy.uid)") }
        case .notAppended(let batch, let ids, let reason, let mayAppear):
            writer.add("Act", "not-appended")
            writer.add("Batch", batch.description)
            writer.add("Message", all: ids.map(\.description))
            writer.add("Text", reason)
            if !mayAppear { writer.add("Token", "unsent") }
        case .verified(let batch, let copies):
            writer.add("Act", "verified")
            writer.add("Batch", batch.description)
            for copy in copies {
                writer.add("Copy", "\(copy.id) \(copy.uid) \(copy.finding.rawValue)")
                // A line of its own: readers of an older version step over it.
                if !copy.changes.isEmpty { writer.add("Changed", "\(copy.id) \(copy.changes)") }
            }
        case .failed(let mailboxID, let ids, let errorClass, let text):
            Self.encode("failed", mailboxID, ids, into: &writer)
            writer.add("Class", errorClass)
            writer.add("Text", text)
        case .retried(let mailboxID, let ids, let why):
            Self.encode("retried", mailboxID, ids, into: &writer)
            writer.add("Why", why)
        case .doubtful(let mailboxID, let ids, let text):
            Self.encode("doubtful", mailboxID, ids, into: &writer)
            writer.add("Text", text)
        case .doubtCleared(let mailboxID, let ids, let text):
            Self.encode("doubt-cleared", mailboxID, ids, into: &writer)
            writer.add("Text", text)
        case .missing(let mailboxID, let ids): Self.encode("missing", mailboxID, ids, into: &writer)
        case .acceptedUnverified(let mailboxID, let ids, let why):
            Self.encode("accepted-unverified", mailboxID, ids, into: &writer)
            writer.add("Why", why)
        case .merged(let mailboxID, let id, let recipients):
            Self.encode("merged", mailboxID, [id], into: &writer)
            writer.add("Recipient", all: recipients)
        case .mailboxSet, .mailboxRemoved, .cutover, .cutoverUndone, .paused, .resumed, .waveClosed, .dropped,
            .assigned, .unassigned, .reclaimed, .compacted, .restored, .shut, .adopted, .reconciled, .throttled,
            .blocked, .unblocked, .rehearsalBegun, .rehearsalEnded:
            break
        }
    }

    static func delivery(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        let mailboxID = reader.text("Mailbox") ?? ""
        let ids = reader.ids("Message")
        let text = reader.text("Text") ?? ""
        switch word {
        case "intent": return intent(from: reader).map(JournalAct.intent)
        case "delivered":
            guard let batch = reader.id("Batch"), let validity: UInt32 = reader.number("UIDValidity") else {
                return nil
            }
            return .delivered(
                batch: batch, uidValidity: validity, copies: reader.all("Copy").compactMap(DeliveredCopy.init))
        case "not-appended":
            guard let batch = reader.id("Batch") else { return nil }
            return .notAppended(
                batch: batch, ids: ids, reason: text, mayAppear: reader.text("Token") != "unsent")
        case "verified":
            guard let batch = reader.id("Batch") else { return nil }
            return .verified(batch: batch, copies: verifiedCopies(from: reader))
        case "failed":
            return .failed(mailboxID: mailboxID, ids: ids, errorClass: reader.text("Class") ?? "", text: text)
        case "retried": return .retried(mailboxID: mailboxID, ids: ids, why: reader.text("Why") ?? "")
        case "doubtful": return .doubtful(mailboxID: mailboxID, ids: ids, text: text)
        case "doubt-cleared": return .doubtCleared(mailboxID: mailboxID, ids: ids, text: text)
        case "missing": return .missing(mailboxID: mailboxID, ids: ids)
        case "accepted-unverified":
            return .acceptedUnverified(mailboxID: mailboxID, ids: ids, why: reader.text("Why") ?? "")
        case "merged":
            guard let id = ids.first else { return nil }
            return .merged(mailboxID: mailboxID, id: id, recipients: reader.all("Recipient"))
        default: return nil
        }
    }

    private static func verifiedCopies(from reader: JournalFieldReader) -> [VerifiedCopy] {
        var copies = reader.all("Copy").compactMap(VerifiedCopy.init)
        for line in reader.all("Changed") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let index = copies.firstIndex(where: { $0.id.description == words[0] }) else {
                continue
            }
            copies[index].changes = String(words[1])
        }
        return copies
    }

    private static func encode(
        _ word: String, _ mailboxID: String, _ ids: [MessageID], into writer: inout JournalFieldWriter
    ) {
        writer.add("Act", word)
        writer.add("Mailbox", mailboxID)
        writer.add("Message", all: ids.map(\.description))
    }

    private static func encode(_ intent: AppendIntent, into writer: inout JournalFieldWriter) {
        writer.add("Act", "intent")
        writer.add("Batch", intent.batch.description)
        writer.add("Mailbox", intent.mailboxID)
        writer.add("Target", intent.target)
        writer.add("Login", intent.login)
        writer.add("Folder", intent.folder)
        writer.add("UIDValidity", intent.uidValidity)
        writer.add("UIDNext", intent.uidNext)
        for entry in intent.entries {
            // `Append` begins an entry; the lines up to the next one belong to it.
            writer.add("Append", "\(entry.id) \(entry.length) \(entry.digest.hex)")
            writer.add("Recipient", entry.recipient)
            writer.add("Merged", all: entry.merged)
            writer.add("Head", entry.head)
        }
    }

    private static func intent(from reader: JournalFieldReader) -> AppendIntent? {
        guard let batch = reader.id("Batch"), let mailboxID = reader.text("Mailbox"),
            let target = reader.text("Target"),
            let login = reader.text("Login"), let folder = reader.text("Folder"),
            let validity: UInt32 = reader.number("UIDValidity"), let next: UInt32 = reader.number("UIDNext")
        else { return nil }
        var intent = AppendIntent(
            batch: batch, mailboxID: mailboxID, target: target, login: login, folder: folder, uidValidity: validity,
            uidNext: next, entries: [])
        for (name, value) in reader.fields {
            let last = intent.entries.count - 1
            switch name {
            case "Append":
                let words = String(decoding: value, as: UTF8.self).split(separator: " ")
                guard words.count == 3, let id = MessageID(String(words[0])), let length = Int(words[1]),
                    let digest = SHA256Digest(hex: Array(words[2].utf8))
                else { return nil }
                intent.entries.append(
                    AppendIntent.Entry(id: id, recipient: "", merged: [], head: [], length: length, digest: digest))
            case "Recipient" where last >= 0: intent.entries[last].recipient = String(decoding: value, as: UTF8.self)
            case "Merged" where last >= 0: intent.entries[last].merged.append(String(decoding: value, as: UTF8.self))
            case "Head" where last >= 0: intent.entries[last].head = value
            default: break
            }
        }
        return intent
    }
}

extension DeliveredCopy {
    /// Parses `<id> <uid>`.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let id = MessageID(String(words[0])), let uid = UInt32(words[1]) else { return nil }
        self.init(id: id, uid: uid)
    }
}

extension VerifiedCopy {
    /// Parses `<id> <uid> <finding>`.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, let id = MessageID(String(words[0])), let uid = UInt32(words[1]),
            let finding = Finding(rawValue: String(words[2]))
        else { return nil }
        self.init(id: id, uid: uid, finding: finding)
    }
}
