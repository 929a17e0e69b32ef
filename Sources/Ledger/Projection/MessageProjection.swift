import MailModel
import Spool

/// Writes messages of the spool and their held deliveries into the Ledger, inside one transaction.
struct MessageProjection {
    private let writer: LedgerWriter
    private let insertMessage: WriteStatement
    private let insertDelivery: WriteStatement
    private var hashes: [(hash: Int64, seq: Int64)] = []
    private var tally = Tally()

    init(_ writer: LedgerWriter) throws {
        self.writer = writer
        insertMessage = try writer.statement(
            """
            INSERT INTO message (seq, id, segment, offset, end_segment, end_offset, length, is_large, received_at,
            sender, client, helo,
            transmission, tls, normalized, recipients, sha256, subject, message_id, reclaimed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """)
        insertDelivery = try writer.statement("INSERT INTO delivery (id, recipient, state) VALUES (?, ?, 0)")
    }

    /// Projects a page that was read from where `progress` stands, and moves `progress` behind it.
    mutating func apply(_ page: SegmentPage, to progress: inout LedgerProgress) throws {
        hashes.reserveCapacity(page.messages.count)
        for message in page.messages {
            let header = MessageHeader(message.headerPrefix)
            try apply(ArrivedMessage(message, subject: header.subject, messageID: header.messageID), to: &progress)
        }
        try finish(&progress, next: page.next, damage: page.damage.count)
    }

    /// Projects a whole segment of which some messages were given back, and moves `progress` behind it.
    mutating func apply(_ segment: ReclaimedSegments.Segment, to progress: inout LedgerProgress) throws {
        for message in segment.messages { try apply(message, to: &progress) }
        try finish(
            &progress, next: SpoolPosition(segment: segment.number + 1, offset: 0), damage: segment.damage.count)
    }

    private mutating func finish(_ progress: inout LedgerProgress, next: SpoolPosition, damage: Int) throws {
        progress.spool = next
        progress.damage += Int64(damage)
        try tally.store(writer)
        try storeMessageIDs(&progress)
    }

    private mutating func apply(_ arrived: ArrivedMessage, to progress: inout LedgerProgress) throws {
        let message = arrived.message
        let recipients = message.envelope.recipients
        guard recipients.count < 1 << Int(LedgerLimits.recipientBits) else {
            throw LedgerError(
                code: .limit,
                message: "message \(message.id) has \(recipients.count) recipients, more than the Ledger can number")
        }
        let seq = progress.message + 1
        try bind(arrived, seq: seq)
        try insertMessage.run()
        guard insertMessage.changes == 1 else { return arrived.reclaimedAt == nil ? try relocate(message) : () }
        progress.message = seq
        if let messageID = arrived.messageID { hashes.append((MessageIDHash.hash(messageID), seq)) }
        for (index, recipient) in recipients.enumerated() {
            let id = try writer.recipients.id(key: recipient.key, text: recipient.text, on: writer)
            insertDelivery.bind(1, seq << LedgerLimits.recipientBits | Int64(index))
            insertDelivery.bind(2, id)
            try insertDelivery.run()
            tally.add(
                Tally.Key(recipient: id, mailbox: 0, state: .held, isDoubtful: false), bytes: Int64(message.length))
        }
    }

    private func bind(_ arrived: ArrivedMessage, seq: Int64) throws {
        let message = arrived.message
        let envelope = message.envelope
        let sender = envelope.sender.text
        insertMessage.bind(1, seq)
        insertMessage.bind(2, envelope.id)
        insertMessage.bind(3, message.position.segment)
        insertMessage.bind(4, message.position.offset)
        insertMessage.bind(5, message.end.segment)
        insertMessage.bind(6, message.end.offset)
        insertMessage.bind(7, message.length)
        insertMessage.bind(8, message.isLarge ? 1 : 0)
        insertMessage.bind(9, envelope.receivedAt.milliseconds)
        insertMessage.bind(10, try writer.senders.id(key: sender.lowercased(), text: sender, on: writer))
        insertMessage.bind(11, try writer.terms.id(envelope.client, on: writer))
        insertMessage.bind(12, try writer.terms.id(envelope.helo, on: writer))
        insertMessage.bind(13, try writer.terms.id(envelope.transmission, on: writer))
        insertMessage.bind(14, try envelope.tls.map { try writer.terms.id($0, on: writer) })
        insertMessage.bind(15, envelope.normalizedNewlines)
        insertMessage.bind(16, envelope.recipients.count)
        insertMessage.bind(17, message.digest)
        insertMessage.bind(18, arrived.subject)
        insertMessage.bind(19, arrived.messageID)
        insertMessage.bind(20, arrived.reclaimedAt?.milliseconds)
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

    private mutating func storeMessageIDs(_ progress: inout LedgerProgress) throws {
        guard !hashes.isEmpty else { return }
        hashes.sort { $0 < $1 }
        let insert = try writer.statement("INSERT OR IGNORE INTO message_id_recent (hash, seq) VALUES (?, ?)")
        for (hash, seq) in hashes {
            insert.bind(1, hash)
            insert.bind(2, seq)
            try insert.run()
        }
        progress.recentIDs += Int64(hashes.count)
        guard progress.recentIDs >= LedgerLimits.recentMessageIDs else { return }
        try writer.statement(
            "INSERT OR IGNORE INTO message_id_hash (hash, seq) SELECT hash, seq FROM message_id_recent ORDER BY hash, seq"
        )
        .run()
        try writer.statement("DELETE FROM message_id_recent").run()
        progress.recentIDs = 0
    }
}
