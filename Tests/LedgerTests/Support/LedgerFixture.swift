import Foundation
import GRDB
import MailModel
import Spool
import Synchronization

@testable import Ledger

/// A Ledger in a directory of its own over a scripted spool, with two mailboxes: Anna (wave 1) and Bert (wave 2).
final class LedgerFixture {
    let layout: SpoolLayout
    let spool = ScriptedSpool()
    private(set) var ledger: Ledger

    static let anna = RosterMailbox(
        id: "m-anna", address: "anna@example.com", login: "anna", target: "ox", wave: "1", aliases: ["a@example.com"])
    static let bert = RosterMailbox(
        id: "m-bert", address: "bert@example.com", login: "bert", target: "ox", wave: "2", aliases: ["@catch.example"])
    static let rules = AddressRules(domainAliases: ["old.example": "example.com"])

    /// What the Ledger said that it found and did.
    let notices = Notices()

    init(roster: Bool = true) throws {
        layout = try Self.makeLayout()
        ledger = try Ledger.open(
            layout: layout, role: .writer, rules: Self.rules, source: spool, notice: notices.add)
        if roster { spool.journal(.mailboxSet(Self.anna), .mailboxSet(Self.bert)) }
    }

    deinit {
        ledger.close()
        try? FileManager.default.removeItem(atPath: layout.directory)
    }

    static func makeLayout() throws -> SpoolLayout {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "layover-ledger-\(UUID().uuidString)"
        ).path
        let layout = SpoolLayout(directory: directory)
        try FileManager.default.createDirectory(atPath: layout.locks, withIntermediateDirectories: true)
        return layout
    }

    func reopen(messagesWorthBuilding: Int = LedgerLimits.messagesWorthBuilding) throws {
        ledger.close()
        ledger = try Ledger.open(
            layout: layout, role: .writer, rules: Self.rules, source: spool,
            messagesWorthBuilding: messagesWorthBuilding, notice: notices.add)
    }

    /// Opens the file without the Ledger, and writes to it behind the Ledger's back.
    func edit(_ sql: String) throws {
        ledger.close()
        let queue = try DatabaseQueue(path: layout.ledger)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    func compare() throws -> LedgerComparison {
        try Ledger.compare(layout: layout, rules: Self.rules, source: spool)
    }

    func rebuild() throws {
        try Ledger.rebuild(layout: layout, rules: Self.rules, source: spool) { _ in }
    }

    /// Every row of every table, in a fixed order: two Ledgers that know the same have the same dump. When Message-IDs were merged
    /// into the large table is left out: it depends on when they came.
    func dump() throws -> [String] {
        try ledger.database.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                .flatMap { table -> [String] in
                    let name = table.replacing("message_id_recent", with: "message_id_hash")
                    return try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map {
                        "\(name): \($0.description.replacing(#/recent_ids:\d+/#, with: "recent_ids:0"))"
                    }
                }
                .sorted()
        }
    }

    /// The state words of a message's deliveries in the order of its recipients.
    func states(_ id: MessageID) throws -> [String] {
        var filter = AuditFilter()
        filter.id = id
        return try ledger.audit(filter).map(\.state.word)
    }

    func row(_ id: MessageID) throws -> AuditRow? {
        var filter = AuditFilter()
        filter.id = id
        return try ledger.audit(filter).first
    }

    /// An intent for one mailbox with one entry for each message.
    static func intent(_ number: UInt64, _ mailbox: RosterMailbox = anna, _ entries: [AppendIntent.Entry]) -> JournalAct
    {
        .intent(
            AppendIntent(
                batch: batch(number), mailboxID: mailbox.id, target: mailbox.target, login: mailbox.login,
                folder: "INBOX", uidValidity: 7,
                uidNext: 40, entries: entries))
    }

    static func entry(_ id: MessageID, to recipient: String = "anna@example.com", merged: [String] = [])
        -> AppendIntent.Entry
    {
        AppendIntent.Entry(
            id: id, recipient: recipient, merged: merged, head: Array("Return-Path: <>\r\n".utf8), length: 517,
            digest: ScriptedSpool.digest(99))
    }

    static func rehearsal(_ number: UInt64) -> Rehearsal {
        Rehearsal(
            run: batch(number), mailboxID: anna.id, target: "ox", login: "anna", folder: "Trial", makesFolder: true,
            messages: 3, why: "to see how long it takes")
    }

    static func batch(_ number: UInt64) -> MessageID { MessageID(milliseconds: 1_800_000_000_000, random: 2, number) }
}

/// Gathers what a Ledger says of itself.
final class Notices: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ notice: LedgerNotice) { lines.withLock { $0.append(notice.description) } }
}
