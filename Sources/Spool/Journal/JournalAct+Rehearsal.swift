import MailModel

/// The acts of a rehearsal as the journal's lines and back. They change no delivery.
extension JournalAct {
    func encodeRehearsal(into writer: inout JournalFieldWriter) {
        switch self {
        case .rehearsalBegun(let rehearsal):
            writer.add("Act", "rehearsal-begun")
            writer.add("Run", rehearsal.run.description)
            writer.add("Mailbox", rehearsal.mailboxID)
            writer.add("Target", rehearsal.target)
            writer.add("Login", rehearsal.login)
            writer.add("Folder", rehearsal.folder)
            writer.add("Makes-Folder", rehearsal.makesFolder ? "yes" : "no")
            writer.add("Messages", rehearsal.messages)
            writer.add("Why", rehearsal.why)
        case .rehearsalEnded(let run, let target, let login, let text):
            writer.add("Act", "rehearsal-ended")
            writer.add("Run", run.description)
            writer.add("Target", target)
            writer.add("Login", login)
            writer.add("Text", text)
        default: break
        }
    }

    static func rehearsal(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        guard ["rehearsal-begun", "rehearsal-ended"].contains(word), let run = reader.id("Run"),
            let target = reader.text("Target"), let login = reader.text("Login")
        else { return nil }
        guard word == "rehearsal-begun" else {
            return .rehearsalEnded(run: run, target: target, login: login, text: reader.text("Text") ?? "")
        }
        guard let folder = reader.text("Folder") else { return nil }
        return .rehearsalBegun(
            Rehearsal(
                run: run, mailboxID: reader.text("Mailbox") ?? "", target: target, login: login, folder: folder,
                makesFolder: reader.text("Makes-Folder") == "yes", messages: reader.number("Messages") ?? 0,
                why: reader.text("Why") ?? ""))
    }
}
