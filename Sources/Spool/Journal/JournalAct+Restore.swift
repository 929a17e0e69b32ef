import MailModel

/// The acts after a spool was brought back, as the journal's lines and back.
extension JournalAct {
    func encodeRestore(into writer: inout JournalFieldWriter) {
        switch self {
        case .restored(let what, let why):
            writer.add("Act", "restored")
            writer.add("Text", what)
            writer.add("Why", why)
        case .shut(let ids, let why):
            writer.add("Act", "shut")
            writer.add("Mailbox", all: ids)
            writer.add("Why", why)
        case .adopted(let adoption): Self.encode(adoption, into: &writer)
        case .reconciled(let mailboxID, let text):
            writer.add("Act", "reconciled")
            writer.add("Mailbox", mailboxID)
            writer.add("Text", text)
        default: break
        }
    }

    static func restore(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        let text = reader.text("Text") ?? ""
        switch word {
        case "restored": return .restored(what: text, why: reader.text("Why") ?? "")
        case "shut": return .shut(mailboxIDs: reader.all("Mailbox"), why: reader.text("Why") ?? "")
        case "adopted": return adoption(from: reader).map(JournalAct.adopted)
        case "reconciled": return .reconciled(mailboxID: reader.text("Mailbox") ?? "", text: text)
        default: return nil
        }
    }

    private static func encode(_ adoption: Adoption, into writer: inout JournalFieldWriter) {
        writer.add("Act", "adopted")
        writer.add("Batch", adoption.batch.description)
        writer.add("Mailbox", adoption.mailboxID)
        writer.add("Target", adoption.target)
        writer.add("Login", adoption.login)
        writer.add("Folder", adoption.folder)
        writer.add("UIDValidity", adoption.uidValidity)
        for copy in adoption.copies {
            // `Found` begins a copy; the lines up to the next one belong to it.
            let word = copy.isExact ? "exact" : "different"
            writer.add("Found", "\(copy.id) \(copy.uid) \(copy.length) \(copy.digest.hex) \(word)")
            writer.add("Recipient", copy.recipient)
            writer.add("Merged", all: copy.merged)
        }
    }

    private static func adoption(from reader: JournalFieldReader) -> Adoption? {
        guard let batch = reader.id("Batch"), let mailboxID = reader.text("Mailbox"),
            let target = reader.text("Target"), let login = reader.text("Login"), let folder = reader.text("Folder"),
            let validity: UInt32 = reader.number("UIDValidity")
        else { return nil }
        var adoption = Adoption(
            batch: batch, mailboxID: mailboxID, target: target, login: login, folder: folder, uidValidity: validity,
            copies: [])
        for (name, value) in reader.fields {
            let last = adoption.copies.count - 1
            let text = String(decoding: value, as: UTF8.self)
            switch name {
            case "Found":
                guard let copy = Adoption.Copy(text) else { return nil }
                adoption.copies.append(copy)
            case "Recipient" where last >= 0: adoption.copies[last].recipient = text
            case "Merged" where last >= 0: adoption.copies[last].merged.append(text)
            default: break
            }
        }
        return adoption
    }
}

extension Adoption.Copy {
    /// Parses `<id> <uid> <length> <digest> <exact|different>`.
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 5, let id = MessageID(String(words[0])), let uid = UInt32(words[1]),
            let length = Int(words[2]), let digest = SHA256Digest(hex: Array(words[3].utf8))
        else { return nil }
        self.init(
            id: id, recipient: "", merged: [], length: length, digest: digest, uid: uid, isExact: words[4] == "exact")
    }
}
