import MailModel
import Spool

/// Writes messages of the spool and their held deliveries into the Ledger.
///
/// Following and building go through here alike, so that both make the same rows. They differ in when they write what is gathered
/// on the way (Message-ID hashes and counts): following at the end of each transaction, building once there is much of it.
struct MessageProjection {
    private let writer: LedgerWriter
    private let insertMessage: WriteStatement
    private let insertDelivery: WriteStatement
    private(set) var gathered = GatheredRows()

    init(_ writer: LedgerWriter) throws {
        self.writer = writer
        insertMessage = try writer.statement(
            """
            INSERT INTO message (seq, id, segment, offset, end_segment, end_offset, length, is_large, received_at,
            sender, client, helo,
            transmission, tls, normalized, recipients, sha256, subject, message_id, reclaimed_at, junk)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """)
        insertDelivery = try writer.statement("INSERT INTO delivery (id, recipient, state) VALUES (?, ?, 0)")
    }

    /// Projects a page that was read from where `progress` stands, and moves `progress` behind it.
    mutating func apply(_ page: PreparedPage, to progress: inout LedgerProgress) throws {
        for message in page.messages { try apply(message, to: &progress) }
        progress.spool = page.next
        progress.damage += Int64(page.damage)
    }

    /// Writes what was gathered, when following: the last thing in each transaction.
    mutating func finish(_ progress: inout LedgerProgress) throws {
        try gathered.storeTally(writer)
        try gathered.storeRecentMessageIDs(writer, &progress)
    }

    /// Writes what was gathered, when building: once there is much of it, and at the end.
    mutating func storeGathered(ifMany: Bool) throws {
        if !ifMany || gathered.tally.count >= LedgerLimits.talliesInMemory { try gathered.storeTally(writer) }
        if !ifMany || gathered.hashes.count >= LedgerLimits.hashesSortedAtOnce { try gathered.storeMessageIDs(writer) }
    }

    private mutating func apply(_ prepared: PreparedMessage, to progress: inout LedgerProgress) throws {
        let message = prepared.message
        guard prepared.recipients.count < 1 << Int(LedgerLimits.recipientBits) else {
            throw LedgerError(
                code: .limit,
                message:
                    "message \(message.id) has \(prepared.recipients.count) recipients, more than the Ledger can number"
            )
        }
        let seq = progress.message + 1
        try bind(prepared, seq: seq)
        try insertMessage.run()
        guard insertMessage.changes == 1 else { return prepared.reclaimedAt == nil ? try relocate(message) : () }
        progress.message = seq
        if let hash = prepared.hash { gathered.hashes.append((hash, seq)) }
        var id = seq << LedgerLimits.recipientBits
        for address in prepared.recipients {
            let recipient = try writer.recipients.id(key: address.key, text: address.text, on: writer)
            insertDelivery.bind(1, id)
            insertDelivery.bind(2, recipient)
            try insertDelivery.run()
            id += 1
            gathered.tally.add(
                Tally.Key(recipient: recipient, mailbox: 0, state: .held, isDoubtful: false),
                bytes: Int64(message.length))
        }
    }

    private func bind(_ prepared: PreparedMessage, seq: Int64) throws {
        let message = prepared.message
        let envelope = message.envelope
        insertMessage.bind(1, seq)
        insertMessage.bind(2, envelope.id)
        insertMessage.bind(3, message.position.segment)
        insertMessage.bind(4, message.position.offset)
        insertMessage.bind(5, message.end.segment)
        insertMessage.bind(6, message.end.offset)
        insertMessage.bind(7, message.length)
        insertMessage.bind(8, message.isLarge ? 1 : 0)
        insertMessage.bind(9, envelope.receivedAt.milliseconds)
        insertMessage.bind(10, try writer.senders.id(key: prepared.sender.key, text: prepared.sender.text, on: writer))
        insertMessage.bind(11, try writer.terms.id(envelope.client, on: writer))
        insertMessage.bind(12, try writer.terms.id(envelope.helo, on: writer))
        insertMessage.bind(13, try writer.terms.id(envelope.transmission, on: writer))
        insertMessage.bind(14, try envelope.tls.map { try writer.terms.id($0, on: writer) })
        insertMessage.bind(15, envelope.normalizedNewlines)
        insertMessage.bind(16, prepared.recipients.count)
        insertMessage.bind(17, message.digest)
        insertMessage.bind(18, prepared.subject)
        insertMessage.bind(19, prepared.messageID)
        insertMessage.bind(20, prepared.reclaimedAt?.milliseconds)
        insertMessage.bind(21, envelope.isJunk ? 1 : 0)
    }

    /// The id is known: its segment was written anew, so from now on its bytes are read where it stands now.
    private func relocate(_ message: SpooledMessage) throws {
        let update = try writer.statement(
            "UPDATE message SET segment = ?, offset = ?, end_segment = ?, end_offset = ? WHERE id = ?")
        for (index, value) in [
            message.position.segment, message.position.offset, message.end.segment, message.end.offset,
        ].enumerated() {
            update.bind(Int32(index + 1), value)
        }
        update.bind(5, message.id)
        try update.run()
    }
}
