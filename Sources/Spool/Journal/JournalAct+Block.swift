import MailModel

/// The acts on a mailbox that can take nothing for a while, as the journal's lines and back.
extension JournalAct {
    func encodeBlock(into writer: inout JournalFieldWriter) {
        switch self {
        case .blocked(let mailboxID, let errorClass, let text):
            writer.add("Act", "blocked")
            writer.add("Mailbox", mailboxID)
            writer.add("Class", errorClass)
            writer.add("Text", text)
        case .unblocked(let mailboxID):
            writer.add("Act", "unblocked")
            writer.add("Mailbox", mailboxID)
        default: break
        }
    }

    static func block(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        let mailboxID = reader.text("Mailbox") ?? ""
        switch word {
        case "blocked":
            return .blocked(
                mailboxID: mailboxID, errorClass: reader.text("Class") ?? "", text: reader.text("Text") ?? "")
        case "unblocked": return .unblocked(mailboxID: mailboxID)
        default: return nil
        }
    }
}
