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
        /// Make id and trace line, get a decoder for this framing ready; answer with `dataDecided(_:)`.
        case beginData(MailTransaction, DataDecoder.Framing)
        /// A chunk of BDAT is whole: after the last one end the decoder; answer with `chunkEnded(_:failure:)`.
        case endChunk(isLast: Bool)
        /// The message is whole and clean: make it durable; answer with `spoolCommitted(_:)`, `spoolFailed(_:)` or
        /// `messageRefused(_:)`. A message is to be abandoned
        /// as soon as `hasMessageInWork` is false and this action has not come.
        case commit
        /// The session is to go on for another client; answer with `clientChanged(_:_:)`.
        case changeClient(XCLIENTAttributes)
        /// Stop reading, write the reply in clear, flush, then start TLS; answer with `tlsEstablished(_:)` or
        /// `tlsFailed()`. If TLS cannot be started, write nothing and answer with `tlsUnavailable()`.
        case startTLS(SMTPReply)
    }
}
