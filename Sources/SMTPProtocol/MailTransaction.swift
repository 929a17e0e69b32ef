public import MailModel

/// The envelope collected by MAIL and RCPT for one message.
public struct MailTransaction: Hashable, Sendable {
    public let sender: ReversePath
    public let parameters: MailParameters
    /// In the order of the RCPT commands; of two spellings with one `MailAddress.key` the first stands here.
    public private(set) var recipients: [MailAddress] = []

    /// RCPT commands that were answered with 250, repeated addresses included.
    private(set) var acceptedCommands = 0
    /// RCPT commands that were refused for being too many.
    var overshoot = 0
    /// At least one RCPT was refused by verdict, which tells DATA with no recipient its answer.
    var hasRefusedRecipients = false
    /// A BDAT was taken: nothing but BDAT may bring the message on (RFC 3030 §2).
    var isChunked = false
    /// Octets of the chunks so far.
    var chunkOctets = 0
    /// The keys of `recipients`, kept from the second recipient on. Two spellings of one character are equal to the standard library,
    /// and two mailboxes to a mail server.
    private var keys: Set<ExactText> = []

    public init(sender: ReversePath, parameters: MailParameters = MailParameters()) {
        self.sender = sender
        self.parameters = parameters
    }

    /// Takes a recipient unless the same mailbox already stands in the list.
    mutating func add(_ recipient: MailAddress) {
        acceptedCommands += 1
        guard let first = recipients.first else {
            recipients.append(recipient)
            return
        }
        if keys.isEmpty { keys.insert(ExactText(first.key)) }
        if keys.insert(ExactText(recipient.key)).inserted { recipients.append(recipient) }
    }
}
