import MailModel
import Spool

/// A message of the spool with all that its rows need worked out. Made on any thread; only writing it needs the writer.
struct PreparedMessage: Sendable {
    /// An address as it is interned.
    struct Address: Sendable {
        /// In lower case.
        var key: String
        var text: String
    }

    /// Without the first octets of the message, which are read and done with.
    var message: SpooledMessage
    var sender: Address
    var recipients: [Address]
    var subject: String?
    var messageID: String?
    /// Under which the Message-ID is indexed.
    var hash: Int64?

    init(_ spooled: SpooledMessage) {
        let header = MessageHeader(spooled.headerPrefix)
        message = spooled
        message.headerPrefix = []
        sender = Address(spooled.envelope.sender.text)
        recipients = spooled.envelope.recipients.map { Address($0.text) }
        subject = header.subject
        messageID = header.messageID
        hash = header.messageID.map(MessageIDHash.hash)
    }
}

extension PreparedMessage.Address {
    init(_ text: String) {
        self.text = text
        key = text.lowercased()
    }
}
