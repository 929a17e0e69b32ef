import Foundation
import GRDB
import MailModel

/// Which messages of a segment may lose their bytes, inside one snapshot.
struct ReclaimQuery {
    /// A mailbox, and since when its wave is closed.
    private struct Home {
        var address: String
        var target: String
        var login: String
        var folder: String
        var wave: String
        var closedAt: Timestamp?
    }

    private let database: Database
    private let index: RecipientIndex
    private let rules: ReclaimRules
    private let homes: [Int64: Home]

    init(database: Database, index: RecipientIndex, rules: ReclaimRules) throws {
        self.database = database
        self.index = index
        self.rules = rules
        var homes: [Int64: Home] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT m.key, m.address, m.target, m.login, m.folder, m.wave, w.closed_at FROM mailbox m
                LEFT JOIN wave w ON w.name = m.wave
                """)
        while let row = try rows.next() {
            let closed: Int64? = try row.at(6)
            homes[try row.at(0)] = try Home(
                address: row.at(1), target: row.at(2), login: row.at(3), folder: row.at(4), wave: row.at(5),
                closedAt: closed.map { Timestamp(milliseconds: $0) })
        }
        self.homes = homes
    }

    func candidates(of segment: Int) throws -> [ReclaimCandidate] {
        let (first, next) = (try firstMessage(from: segment), try firstMessage(from: segment + 1))
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT m.seq, m.id, m.end_offset - m.offset, m.length, m.is_large, m.subject, m.message_id,
                m.reclaimed_at IS NOT NULL, d.recipient, d.state, p.mailbox, p.uid, p.uidvalidity,
                coalesce(p.verified_at, p.delivered_at), i.target, i.login, i.folder,
                \(CopyFinding.isAccepted("p.finding")) FROM message m
                CROSS JOIN delivery d ON d.id BETWEEN m.seq << \(LedgerLimits.recipientBits)
                AND (m.seq << \(LedgerLimits.recipientBits)) + \((1 << LedgerLimits.recipientBits) - 1)
                LEFT JOIN placement p ON p.delivery = d.id LEFT JOIN intent i ON i.key = p.batch
                WHERE m.seq >= ? AND m.seq < ? AND m.segment = ? ORDER BY m.seq, d.id
                """, arguments: [first, next, segment])
        var found: [ReclaimCandidate] = []
        var last: Int64 = 0
        while let row = try rows.next() {
            let seq: Int64 = try row.at(0)
            if seq != last {
                guard let candidate = try candidate(row, ordinal: found.count) else { continue }
                found.append(candidate)
                last = seq
            }
            if !found[found.count - 1].isReclaimed { try judge(row, seq, &found[found.count - 1]) }
        }
        return found
    }

    /// The number of the first message at or behind a segment. Messages are numbered in the order of the segments.
    private func firstMessage(from segment: Int) throws -> Int64 {
        let select = try database.cachedStatement(
            sql: "SELECT seq, segment FROM message WHERE seq >= ? ORDER BY seq LIMIT 1")
        var low: Int64 = 1
        var high = (try Int64.fetchOne(database, sql: "SELECT max(seq) FROM message") ?? 0) + 1
        while low < high {
            let middle = (low + high) / 2
            let row = try Row.fetchOne(select, arguments: [middle])
            if let row, try row.at(1) < segment { low = max(middle, try row.at(0)) + 1 } else { high = middle }
        }
        return low
    }

    private func candidate(_ row: Row, ordinal: Int) throws -> ReclaimCandidate? {
        guard let id = MessageID(blob: try row.at(1)) else { return nil }
        return try ReclaimCandidate(
            id: id, ordinal: ordinal, recordLength: row.at(2), length: row.at(3), isLarge: row.at(4),
            subject: row.at(5), messageID: row.at(6), isReclaimed: row.at(7), obstacle: nil, copies: [])
    }

    /// Adds one delivery to what is known of its message.
    private func judge(_ row: Row, _ seq: Int64, _ candidate: inout ReclaimCandidate) throws {
        guard let state = DeliveryState(rawValue: try row.at(9)) else {
            candidate.obstacle = .owed
            return
        }
        let decided: Int64? = try row.at(10)
        let home = try (decided ?? index.mailbox(of: try row.at(8))).flatMap { homes[$0] }
        if let obstacle = try obstacle(state, row, seq, home) {
            if candidate.obstacle.map({ obstacle.outweighs($0) }) ?? true { candidate.obstacle = obstacle }
        } else if state == .verified || state == .delivered, let home {
            // Accepted ones too: where a tool has emptied mailboxes, a person may have taken that for its owners' doing.
            // The intent says where it went; the roster may have changed since.
            candidate.copies.append(
                try PlacedCopy(
                    id: candidate.id, address: home.address, target: (row.at(14) as String?) ?? home.target,
                    login: (row.at(15) as String?) ?? home.login, folder: (row.at(16) as String?) ?? home.folder,
                    uid: (row.at(11) as UInt32?) ?? 0,
                    uidValidity: (row.at(12) as UInt32?) ?? 0))
        }
    }

    private func obstacle(_ state: DeliveryState, _ row: Row, _ seq: Int64, _ home: Home?) throws -> ReclaimObstacle? {
        switch state {
        case .held, .appending, .failed: return .owed
        case .delivered where try !row.at(17): return .unverified
        case .dropped:
            // Given up by a person: no wave need be closed for what nobody waits for.
            guard let droppedAt = try droppedAt(seq) else { return .owed }
            return retained(droppedAt)
        case .delivered, .verified, .merged, .passed, .handedOff:
            guard let home else { return .noMailbox }
            guard let closedAt = home.closedAt else { return .openWave(home.wave) }
            let done: Int64? = try row.at(13)
            return retained(max(closedAt, Timestamp(milliseconds: done ?? 0)))
        }
    }

    private func retained(_ since: Timestamp) -> ReclaimObstacle? {
        let until = since.adding(milliseconds: rules.retentionMilliseconds)
        return until <= rules.now ? nil : .retained(until: until)
    }

    private func droppedAt(_ seq: Int64) throws -> Timestamp? {
        let at = try Int64.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT max(a.at) FROM act_message n JOIN act a ON a.sequence = n.act
                    WHERE n.message = ? AND a.kind = 'dropped'
                    """), arguments: [seq])
        return at.map { Timestamp(milliseconds: $0) }
    }
}

extension ReclaimObstacle {
    private var weight: Int {
        switch self {
        case .owed: 5
        case .unverified: 4
        case .noMailbox: 3
        case .openWave: 2
        case .retained: 1
        }
    }

    /// Which of two a person is told.
    fileprivate func outweighs(_ other: ReclaimObstacle) -> Bool {
        if case .retained(let until) = self, case .retained(let earlier) = other { return until > earlier }
        return weight > other.weight
    }
}
