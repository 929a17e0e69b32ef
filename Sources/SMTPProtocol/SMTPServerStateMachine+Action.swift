public import MailModel

extension SMTPServerStateMachine {
    /// What the handler must do after an event. At most one reply goes out for one command.
    public enum Action: Hashable, Sendable {
        /// Nothing: go on with the next line, or go on waiting.
        case none
        case reply(SMTPReply)
        /// Write the reply, then close. A message in work is abandoned.
        case replyAndClose(SMTPReply)
        /// Write the answer to the last command, then the farewell, then close: the server goes down.
        case replyAndFarewell(SMTPReply, farewell: SMTPReply)
        /// Close without a word.
        case close
        /// Is there room? Answer with `senderDecided(_:)`.
        case checkSender(ReversePath, MailParameters)
        /// Whose mailbox is it? Answer with `recipientDecided(_:)`.
        case checkRecipient(MailAddress)
        /// Make id and trace line, get the decoder ready; answer with `dataDecided(_:)`, which replies 354.
        case beginData(MailTransaction)
        /// The message is whole and clean: make it durable; answer with `spoolCommitted(_:)`, `spoolFailed(_:)` or
        /// `messageRefused(_:)`. Any other action after `dataEnded(_:)` means that the message is to be abandoned.
        case commit
        /// The session is to go on for another client; answer with `clientChanged(_:_:)`.
        case changeClient(XCLIENTAttributes)
        /// Stop reading, write the reply in clear, flush, then start TLS; answer with `tlsEstablished(_:)` or
        /// `tlsFailed()`. If TLS cannot be started, write nothing and answer with `tlsUnavailable()`.
        case startTLS(SMTPReply)
    }
}
