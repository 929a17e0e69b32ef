import Foundation
import GRDB
import MailModel

/// The SQL of one audit: which table leads, and every condition with its value.
struct AuditPlan {
    private(set) var sql = ""
    private(set) var arguments: [any DatabaseValueConvertible] = []
    private let database: Database
    private let index: RecipientIndex
    private var conditions: [String] = []
    /// The recipient or the mailbox is known: `delivery` leads over its index.
    private var deliveryLeads = false
    /// The table of the Message-ID hash leads.
    private var hash: Int64?
    private let columns: String

    /// What `AuditQuery` reads of a row, in this order.
    static let columns = """
        m.id, r.text, d.recipient, d.state, s.text, m.subject, m.message_id, m.length, m.received_at, c.text, h.text, t.text, m.sha256,
        p.attempts, p.last_error, p.uid, p.uidvalidity, p.delivered_at, p.verified_at, p.finding, m.segment, m.offset, p.mailbox, p.doubtful, m.reclaimed_at
        """

    /// Nil when something in the filter is unknown to the Ledger, so that nothing can match.
    init?(
        _ filter: AuditFilter, database: Database, index: RecipientIndex, columns: String = AuditPlan.columns
    ) throws {
        self.columns = columns
        self.database = database
        self.index = index
        guard try addRecipient(filter), try addMailboxes(filter), try addMessage(filter), try addClient(filter) else {
            return nil
        }
        addState(filter)
        assemble(filter)
    }

    private mutating func add(_ condition: String, _ values: any DatabaseValueConvertible...) {
        conditions.append(condition)
        arguments += values
    }

    private mutating func addRecipient(_ filter: AuditFilter) throws -> Bool {
        if let to = filter.to?.asciiLowercased {
            if to.hasPrefix("@") {
                addDomain(String(to.dropFirst()))
            } else {
                guard
                    let id = try Int64.fetchOne(
                        database, sql: "SELECT id FROM recipient WHERE key = ?", arguments: [to])
                else { return false }
                add("d.recipient = ?", id)
                deliveryLeads = true
            }
        }
        if let domain = filter.domain?.asciiLowercased { addDomain(domain) }
        return true
    }

    private mutating func addDomain(_ domain: String) {
        add("substr(r.key, -?) = ?", domain.unicodeScalars.count + 1, "@" + domain)
    }

    private mutating func addMailboxes(_ filter: AuditFilter) throws -> Bool {
        guard filter.mailbox != nil || filter.wave != nil else { return true }
        let selection = MailboxSelection(mailboxes: filter.mailbox.map { [$0] } ?? [], wave: filter.wave)
        let query = MailboxQuery(database: database, index: index)
        let keys = Set(try query.select(selection).map(\.key))
        let recipients = try query.recipients(of: keys)
        guard !recipients.isEmpty else { return false }
        add("d.recipient IN (SELECT value FROM json_each(?))", JSONText.array(recipients))
        add("(p.mailbox IS NULL OR p.mailbox IN (SELECT value FROM json_each(?)))", JSONText.array(keys.sorted()))
        // A recipient that means another mailbox now is here only for the mail that went to this one.
        let now = try recipients.filter { try index.mailbox(of: $0).map(keys.contains) ?? false }
        add("(p.mailbox IS NOT NULL OR d.recipient IN (SELECT value FROM json_each(?)))", JSONText.array(now))
        deliveryLeads = true
        return true
    }

    private mutating func addMessage(_ filter: AuditFilter) throws -> Bool {
        if let id = filter.id { add("m.id = ?", id.blob) }
        if let from = filter.from {
            let key = from == "<>" ? "" : from.asciiLowercased
            // As written in lower case, and in any other.
            let ids = try Int64.fetchAll(
                database,
                sql:
                    "SELECT id FROM sender WHERE key = ?1 UNION SELECT id FROM sender WHERE lower(key) = ?1 AND key <> lower(key)",
                arguments: [key])
            guard let first = ids.first else { return false }
            // The plus keeps SQLite from leading with a busy sender where a better index is given.
            let column = deliveryLeads || filter.id != nil || filter.messageID != nil ? "+m.sender" : "m.sender"
            if ids.count == 1 {
                add("\(column) = ?", first)
            } else {
                add("\(column) IN (SELECT value FROM json_each(?))", JSONText.array(ids))
            }
        }
        let dateLeads = !deliveryLeads && filter.id == nil && filter.messageID == nil && filter.from == nil
        if let since = filter.since { add("\(dateLeads ? "" : "+")m.received_at >= ?", since.milliseconds) }
        if let until = filter.until { add("\(dateLeads ? "" : "+")m.received_at < ?", until.milliseconds) }
        if let subject = filter.subject, !subject.isEmpty { add("m.subject LIKE ? ESCAPE '\\'", Self.pattern(subject)) }
        if let larger = filter.larger { add("m.length > ?", larger.bytes) }
        if let messageID = filter.messageID {
            let bare = String(MessageIDHash.bare(messageID))
            hash = MessageIDHash.hash(bare)
            add("m.message_id IN (?, ?)", bare, "<\(bare)>")
        }
        return true
    }

    private static func pattern(_ text: String) -> String {
        var pattern = "%"
        for character in text {
            if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
            pattern.append(character)
        }
        return pattern + "%"
    }

    private mutating func addClient(_ filter: AuditFilter) throws -> Bool {
        guard let client = filter.client else { return true }
        guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM term WHERE text = ?", arguments: [client])
        else { return false }
        add("m.client = ?", id)
        return true
    }

    private mutating func addState(_ filter: AuditFilter) {
        switch filter.state {
        case nil: break
        case .doubtful: add("p.doubtful = 1")
        case .of(.held): add("d.state IN (0, 1)")
        case .of(.delivered): add("d.state IN (2, 3)")
        case .of(let state): add("d.state = ?", state.rawValue)
        }
    }

    private mutating func assemble(_ filter: AuditFilter) {
        let bits = LedgerLimits.recipientBits
        let range = "d.id BETWEEN m.seq << \(bits) AND (m.seq << \(bits)) + \((1 << bits) - 1)"
        let order: String
        let tables: String
        if deliveryLeads && hash == nil && filter.id == nil {
            tables = "delivery d CROSS JOIN message m ON m.seq = d.id >> \(bits)"
            order = "d.id"
        } else if let hash {
            tables = """
                (SELECT seq FROM message_id_hash WHERE hash = \(hash) UNION SELECT seq FROM message_id_recent WHERE hash
                = \(hash)) x
                CROSS JOIN message m ON m.seq = x.seq CROSS JOIN delivery d ON \(range)
                """
            order = "d.id"
        } else {
            tables = "message m CROSS JOIN delivery d ON \(range)"
            // Newest by its own index where the date leads, so that a limit need not sort everything.
            let dateLeads = filter.id == nil && filter.from == nil && (filter.since != nil || filter.until != nil)
            order = dateLeads ? "m.received_at DESC, m.seq DESC, d.id" : "m.seq DESC, d.id"
        }
        sql = """
            SELECT \(columns) FROM \(tables) JOIN recipient r ON r.id = d.recipient JOIN sender s ON s.id =
            m.sender
            JOIN term c ON c.id = m.client JOIN term h ON h.id = m.helo LEFT JOIN term t ON t.id = m.tls
            LEFT JOIN placement p ON p.delivery = d.id
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")) ORDER BY \(order == "d.id" ? "d.id DESC" : order)
            """
        if let limit = filter.limit { sql += " LIMIT \(max(0, limit))" }
    }
}
