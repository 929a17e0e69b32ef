import MailModel

/// Finding deliveries and moving them from state to state.
extension ActProjection {
    /// The deliveries of a message in the order of its recipients, and its number. Nil, and remembered, when the spool
    /// does not have it.
    mutating func deliveries(of id: MessageID) throws -> (message: Int64, rows: [ProjectedDelivery])? {
        let find = try writer.statement("SELECT seq, length FROM message WHERE id = ?")
        find.bind(1, id)
        guard try find.step() else {
            try lose(id)
            return nil
        }
        let (message, bytes) = (find.int(0), find.int(1))
        find.reset()
        return (message, try rows(of: message, bytes: bytes))
    }

    private func rows(of message: Int64, bytes: Int64) throws -> [ProjectedDelivery] {
        let select = try writer.statement(
            """
            SELECT d.id, d.recipient, r.key, d.state, p.mailbox, p.batch, p.doubtful FROM delivery d JOIN recipient r ON
            r.id = d.recipient
            LEFT JOIN placement p ON p.delivery = d.id WHERE d.id BETWEEN ? AND ? ORDER BY d.id
            """)
        select.bind(1, message << LedgerLimits.recipientBits)
        select.bind(2, (message + 1) << LedgerLimits.recipientBits - 1)
        var rows: [ProjectedDelivery] = []
        while try select.step() {
            guard let state = DeliveryState(rawValue: select.int(3)) else { continue }
            rows.append(
                ProjectedDelivery(
                    id: select.int(0), recipient: select.int(1), key: select.text(2), state: state,
                    mailbox: select.optionalInt(4),
                    batch: select.optionalInt(5), isDoubtful: select.int(6) != 0, bytes: bytes))
        }
        return rows
    }

    /// Moves a delivery, and the counts with it. `placement` must agree afterwards on mailbox and doubt.
    mutating func move(
        _ delivery: ProjectedDelivery, to state: DeliveryState, mailbox: Int64?, isDoubtful: Bool? = nil
    ) throws {
        tally.remove(delivery.tallyKey, bytes: delivery.bytes)
        var moved = delivery
        moved.state = state
        moved.mailbox = mailbox
        moved.isDoubtful = isDoubtful ?? delivery.isDoubtful
        tally.add(moved.tallyKey, bytes: delivery.bytes)
        guard state != delivery.state else { return }
        let update = try writer.statement("UPDATE delivery SET state = ? WHERE id = ?")
        update.bind(1, state.rawValue)
        update.bind(2, delivery.id)
        try update.run()
    }

    /// Runs an `INSERT … ON CONFLICT` on `placement` whose first parameter is the delivery and whose others are
    /// numbers.
    func place(_ delivery: ProjectedDelivery, _ sql: String, _ values: Int64?...) throws {
        let statement = try writer.statement(sql)
        statement.bind(1, delivery.id)
        for (index, value) in values.enumerated() { statement.bind(Int32(index + 2), value) }
        try statement.run()
    }

    /// The delivery is held again: which mailbox it is for is decided anew.
    mutating func hold(_ delivery: ProjectedDelivery, lastError: String?) throws {
        try move(delivery, to: .held, mailbox: nil)
        let update = try writer.statement(
            """
            UPDATE placement SET mailbox = NULL, target = NULL, batch = NULL, pending = NULL, digest = NULL, length =
            NULL,
            last_error = coalesce(?, last_error) WHERE delivery = ?
            """)
        update.bind(1, lastError)
        update.bind(2, delivery.id)
        try update.run()
    }

    /// Which of a message's deliveries an act on `mailbox` means: those already placed there, and those still held
    /// whose recipient means that mailbox by the roster as it was at the time of the act.
    func rows(_ rows: [ProjectedDelivery], meant mailbox: Int64) throws -> [ProjectedDelivery] {
        try rows.filter { row in
            if let decided = row.mailbox { return decided == mailbox }
            guard row.state == .held else { return false }
            return try resolver.mailbox(for: row.key) == mailbox
        }
    }

    /// By the roster as it is at the act.
    var resolver: RecipientResolver {
        let writer = writer
        return RecipientResolver(rules: rules) { key in
            let select = try writer.statement("SELECT mailbox FROM mailbox_address WHERE address = ?")
            select.bind(1, key)
            defer { select.reset() }
            return try select.step() ? select.int(0) : nil
        }
    }
}
