import MailModel
import SMTPProtocol

/// Of whom the command in work speaks, for the line of the log should it be refused: also where the refusal has ended the message.
struct NamedPaths {
    /// Of MAIL itself, or of the message that the command belongs to.
    var sender: ReversePath?
    var recipient: MailAddress?
    /// Of the message, where the command is DATA or BDAT.
    var recipients: [MailAddress] = []
    /// What stood where an address should have.
    var misspelt: MisspeltPath?

    var from: String {
        if case .sender(let text) = misspelt { text } else { sender?.text ?? "" }
    }

    var to: String {
        if case .recipient(let text) = misspelt { text } else { recipient?.text ?? recipients.textForLog }
    }

    /// Nobody is named: no mail is concerned.
    var isEmpty: Bool { sender == nil && recipient == nil && recipients.isEmpty && misspelt == nil }
}
