import MailModel

/// Assignments of addresses as the journal's lines and back.
extension JournalAct {
    func encodeAssignment(into writer: inout JournalFieldWriter) {
        switch self {
        case .assigned(let address, let mailboxID, let why):
            writer.add("Act", "assigned")
            writer.add("Address", address)
            writer.add("Mailbox", mailboxID)
            writer.add("Why", why)
        case .unassigned(let address, let why):
            writer.add("Act", "unassigned")
            writer.add("Address", address)
            writer.add("Why", why)
        default: break
        }
    }

    static func assignment(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        guard let address = reader.text("Address") else { return nil }
        let why = reader.text("Why") ?? ""
        switch word {
        case "assigned":
            guard let mailboxID = reader.text("Mailbox") else { return nil }
            return .assigned(address: address, mailboxID: mailboxID, why: why)
        case "unassigned": return .unassigned(address: address, why: why)
        default: return nil
        }
    }
}
