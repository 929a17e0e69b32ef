/// One table of the Ledger in terms that do not depend on the order in which it was filled: names instead of numbers.
struct LedgerView {
    /// What one of its rows is, for a finding.
    let name: String
    /// How many of the first columns tell the rows apart. They are never NULL, and the rows come in their order.
    let keys: Int
    let sql: String

    /// Everything that projection writes.
    static let all = [progress, messages, deliveries, messageIDs] + roster + history + [tally]

    private static let progress = LedgerView(
        name: "progress", keys: 1,
        sql: "SELECT id, segment, offset, journal_file, journal_offset, act, message, roster_version FROM progress")

    static let messages = LedgerView(
        name: "message", keys: 1,
        sql: """
            SELECT m.id, m.segment, m.offset, m.end_segment, m.end_offset, m.length, m.is_large, m.received_at,
            s.key AS sender, c.text AS client, h.text AS helo, x.text AS transmission, t.text AS tls, m.normalized, m.recipients,
            m.sha256, m.subject, m.message_id, m.reclaimed_at, m.junk
            FROM message m CROSS JOIN sender s ON s.id = m.sender LEFT JOIN term c ON c.id = m.client
            LEFT JOIN term h ON h.id = m.helo LEFT JOIN term x ON x.id = m.transmission LEFT JOIN term t ON t.id = m.tls
            ORDER BY m.id
            """)

    /// Which messages there are, and where: in the terms of every version of the tables.
    static let places = LedgerView(
        name: messages.name, keys: 1, sql: "SELECT id, segment, offset FROM message ORDER BY id")

    private static let deliveries = LedgerView(
        name: "delivery", keys: 2,
        sql: """
            SELECT m.id, d.id & \((1 << LedgerLimits.recipientBits) - 1), r.key AS recipient, d.state, b.id AS mailbox,
            t.text AS target, i.batch, p.attempts, p.doubtful, p.pending, p.uid, p.uidvalidity, p.delivered_at, p.verified_at,
            p.finding, p.digest, p.length, p.last_error
            FROM message m CROSS JOIN delivery d ON d.id BETWEEN m.seq << \(LedgerLimits.recipientBits)
            AND (m.seq << \(LedgerLimits.recipientBits)) + \((1 << LedgerLimits.recipientBits) - 1)
            CROSS JOIN recipient r ON r.id = d.recipient LEFT JOIN placement p ON p.delivery = d.id
            LEFT JOIN mailbox b ON b.key = p.mailbox LEFT JOIN term t ON t.id = p.target LEFT JOIN intent i ON i.key = p.batch
            ORDER BY m.id, d.id
            """)

    /// Rows with one hash follow each other in the order of the messages in both, so that nothing need be sorted.
    private static let messageIDs = LedgerView(
        name: "Message-ID", keys: 1,
        sql: """
            SELECT x.hash, (SELECT m.id FROM message m WHERE m.seq = x.seq) AS message FROM message_id_hash x
            UNION ALL SELECT x.hash, (SELECT m.id FROM message m WHERE m.seq = x.seq) FROM message_id_recent x ORDER BY 1
            """)

    private static let roster = [
        LedgerView(
            name: "mailbox", keys: 1,
            sql:
                "SELECT id, address, login, target, wave, aliases, kind, folder, cutover_at, paused, removed, retry_act, assigned FROM mailbox ORDER BY id"
        ),
        LedgerView(
            name: "address", keys: 1,
            sql:
                "SELECT a.address, b.id FROM mailbox_address a CROSS JOIN mailbox b ON b.key = a.mailbox ORDER BY a.address"
        ),
        LedgerView(
            name: "mailbox to be reconciled", keys: 1,
            sql:
                "SELECT b.id, u.since, u.changed_at FROM unreconciled u CROSS JOIN mailbox b ON b.key = u.mailbox ORDER BY b.id"
        ),
        LedgerView(
            name: "throttle", keys: 1,
            sql: "SELECT target, connections, messages, bytes, at, who, why FROM throttle ORDER BY target"),
        LedgerView(
            name: "blocked mailbox", keys: 1,
            sql:
                "SELECT b.id, x.class, x.text, x.since FROM blocked x CROSS JOIN mailbox b ON b.key = x.mailbox ORDER BY b.id"
        ),
        LedgerView(
            name: "open rehearsal", keys: 4,
            sql: """
                SELECT run, target, login, mailbox, folder, makes_folder, messages, why, at FROM open_rehearsal
                ORDER BY run, target, login, mailbox
                """),
        LedgerView(name: "open reclaim", keys: 1, sql: "SELECT segment FROM open_reclaim ORDER BY segment"),
        LedgerView(
            name: "mark", keys: 1, sql: "SELECT id, act_file, act_offset, act_chain, restored_at FROM spool_mark"),
        LedgerView(name: "wave", keys: 1, sql: "SELECT name, closed_at, closed_by, why FROM wave ORDER BY name"),
    ]

    static let acts = LedgerView(
        name: "act", keys: 1, sql: "SELECT sequence, at, who, kind, batch, what, why FROM act ORDER BY sequence")

    private static let history = [
        LedgerView(
            name: "batch", keys: 1,
            sql: """
                SELECT i.batch, b.id AS mailbox, i.target, i.login, i.folder, i.uidvalidity, i.uidnext, i.at, i.unresolved
                FROM intent i LEFT JOIN mailbox b ON b.key = i.mailbox ORDER BY i.batch
                """),
        LedgerView(
            name: "entry of a batch", keys: 2,
            sql: """
                SELECT i.batch, e.ordinal, e.id, e.recipient, e.merged, e.head, e.length, e.digest, e.is_open
                FROM intent i CROSS JOIN intent_entry e ON e.intent = i.key ORDER BY i.batch, e.ordinal
                """),
        acts,
        LedgerView(
            name: "lost message", keys: 1, sql: "SELECT id, act FROM lost_message ORDER BY id"),
        LedgerView(
            name: "act on a mailbox", keys: 2,
            sql: """
                SELECT b.id, a.act FROM mailbox b CROSS JOIN act_mailbox a ON a.mailbox = b.key ORDER BY b.id, a.act
                """),
        LedgerView(
            name: "act on a message", keys: 2,
            sql: """
                SELECT m.id, a.act FROM message m CROSS JOIN act_message a ON a.message = m.seq ORDER BY m.id, a.act
                """),
    ]

    private static let tally = LedgerView(
        name: "count", keys: 4,
        sql: """
            SELECT r.key, coalesce(b.id, ''), y.state, y.doubtful, y.count, y.bytes FROM tally y
            LEFT JOIN recipient r ON r.id = y.recipient LEFT JOIN mailbox b ON b.key = y.mailbox WHERE y.count <> 0
            ORDER BY 1, 2, 3, 4
            """)
}
