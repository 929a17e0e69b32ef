import MailModel
import Spool

/// A message of the spool with all that its rows need worked out: from its record, or from what was kept of it when its bytes were given
/// back. Made on any thread; only writing it needs the writer.
struct PreparedMessage: Sendable {
    /// An address as it is interned.
    struct Address: Sendable {
        /// Of a recipient A to Z in lower case. A sender is kept as he was written: what stands in Return-Path is his (RFC 5321 §2.4).
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
    /// When its bytes were given back; nil where they are there.
    var reclaimedAt: Timestamp?

    init(_ spooled: SpooledMessage) {
        let header = MessageHeader(spooled.headerPrefix)
        self.init(spooled, subject: header.subject, messageID: header.messageID)
    }

    init(_ kept: ReclaimedMessage, segment: Int, at: Timestamp) {
        let spooled = SpooledMessage(
            position: SpoolPosition(segment: segment, offset: kept.offset),
            end: SpoolPosition(segment: segment, offset: kept.offset + kept.recordLength), envelope: kept.envelope,
            length: kept.length, digest: kept.digest, isLarge: kept.isLarge)
        self.init(spooled, subject: kept.subject, messageID: kept.messageID)
        reclaimedAt = at
    }

    private init(_ spooled: SpooledMessage, subject: String?, messageID: String?) {
        message = spooled
        message.headerPrefix = []
        sender = Address(key: spooled.envelope.sender.text, text: spooled.envelope.sender.text)
        recipients = spooled.envelope.recipients.map { Address($0.text) }
        self.subject = subject
        self.messageID = messageID
        hash = messageID.map(MessageIDHash.hash)
    }
}

extension PreparedMessage.Address {
    init(_ text: String) {
        self.text = text
        key = text.asciiLowercased
    }
}
