public import MailModel

/// A message that has arrived whole and waits for the writer.
public struct MessageCommit: Sendable {
    /// Where its bytes are.
    public enum Content: Sendable {
        case memory(MessageBody)
        /// In `large/<id>`, synced and named (L3 done).
        case large(length: Int)
    }

    public var id: MessageID
    /// The envelope as it will stand in the record.
    let envelopeLines: [UInt8]
    public var content: Content
    public var digest: SHA256Digest
    /// Told once, from the writer's thread: nil when the message is on stable storage, else why it is not.
    public var completion: @Sendable (SpoolError?) -> Void

    /// Encodes the envelope here, on the caller's thread, so that the writer need not.
    public init(
        envelope: Envelope, content: Content, digest: SHA256Digest,
        completion: @escaping @Sendable (SpoolError?) -> Void
    ) {
        id = envelope.id
        envelopeLines = EnvelopeLines.encode(envelope)
        self.content = content
        self.digest = digest
        self.completion = completion
    }

    var messageLength: Int {
        switch content {
        case .memory(let body): body.count
        case .large(let length): length
        }
    }

    /// Bytes that its record adds to the segment.
    var recordLength: Int {
        let inline: Int
        switch content {
        case .memory(let body): inline = body.count
        case .large: inline = 0
        }
        return RecordHeader.length + envelopeLines.count + inline + 1
    }
}
