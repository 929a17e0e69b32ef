import MailModel
import Spool

/// Acts of giving bytes back. What they say of messages was projected with the segments; see ``ReclaimedSegments``.
extension ActProjection {
    mutating func reclaim(_ segment: Int, _ messages: [ReclaimedMessage]) throws {
        let open = try writer.statement("INSERT OR IGNORE INTO open_reclaim (segment) VALUES (?)")
        open.bind(1, segment)
        try open.run()
        let mark = try writer.statement("UPDATE message SET reclaimed_at = ? WHERE id = ? RETURNING seq")
        for message in messages {
            mark.bind(1, current.at.milliseconds)
            mark.bind(2, message.id)
            guard try mark.step() else {
                unmatched()
                try findAgain(message.id)
                continue
            }
            let seq = mark.int(0)
            mark.reset()
            try note(message: seq)
        }
    }

    /// The messages that were kept stand elsewhere in their segment now.
    func relocate(_ segment: Int, _ kept: [KeptMessage]) throws {
        let update = try writer.statement(
            """
            UPDATE message SET offset = ?, end_segment = ?, end_offset = ? WHERE id = ? AND segment = ? AND reclaimed_at
            IS NULL
            """)
        for message in kept {
            update.bind(1, message.offset)
            update.bind(2, segment)
            update.bind(3, message.offset + message.recordLength)
            update.bind(4, message.id)
            update.bind(5, segment)
            try update.run()
        }
        let close = try writer.statement("DELETE FROM open_reclaim WHERE segment = ?")
        close.bind(1, segment)
        try close.run()
    }
}
