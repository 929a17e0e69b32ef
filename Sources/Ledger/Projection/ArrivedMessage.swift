import MailModel
import Spool

/// A message to be projected: from its record, or from what was kept of it when its bytes were given back.
struct ArrivedMessage {
    var message: SpooledMessage
    var subject: String?
    var messageID: String?
    /// When its bytes were given back; nil where they are there.
    var reclaimedAt: Timestamp?

    init(_ message: SpooledMessage, subject: String?, messageID: String?) {
        self.message = message
        self.subject = subject
        self.messageID = messageID
    }

    init(_ kept: ReclaimedMessage, segment: Int, at: Timestamp) {
        message = SpooledMessage(
            position: SpoolPosition(segment: segment, offset: kept.offset),
            end: SpoolPosition(segment: segment, offset: kept.offset + kept.recordLength), envelope: kept.envelope,
            length: kept.length, digest: kept.digest, isLarge: kept.isLarge)
        subject = kept.subject
        messageID = kept.messageID
        reclaimedAt = at
    }
}
