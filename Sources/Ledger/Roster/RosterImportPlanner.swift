import MailModel

/// Matches the rows of a file with the mailboxes that are there.
struct RosterImportPlanner {
    private let fileName: String
    private let current: [RosterMailbox]
    private let byID: [String: RosterMailbox]
    private let byAddress: [String: RosterMailbox]
    private let byLogin: [String: RosterMailbox]
    private var result: [String: (mailbox: RosterMailbox, line: Int?)]
    private var named: Set<String> = []
    private var problems: [String] = []
    private var ids = MessageIDGenerator()
    private(set) var changes: [RosterChange] = []
    private(set) var unchanged = 0

    init(fileName: String, current: [RosterMailbox]) {
        self.fileName = fileName
        self.current = current
        byID = Dictionary(current.map { ($0.id, $0) }) { first, _ in first }
        byAddress = Dictionary(current.map { ($0.address.asciiLowercased, $0) }) { first, _ in first }
        byLogin = Dictionary(current.map { (Self.login($0.target, $0.login), $0) }) { first, _ in first }
        result = byID.mapValues { ($0, nil) }
    }

    private static func login(_ target: String, _ login: String) -> String { "\(target)\n\(login)" }

    /// The mailbox that a row means: by its id, else by its primary address, else by target and login.
    private func match(_ row: RosterRow) -> RosterMailbox? {
        if let id = row.id, let mailbox = byID[id] { return mailbox }
        let found = byAddress[row.address.asciiLowercased] ?? byLogin[Self.login(row.target, row.login)]
        // With an id of its own a row is another mailbox than the one that has its address now.
        return row.id == nil ? found : nil
    }

    mutating func take(_ row: RosterRow) {
        let old = match(row)
        if let old, !named.insert(old.id).inserted {
            problems.append(
                "\(fileName):\(row.line): mailbox: \(row.address) means the mailbox \(old.address), which another row means too; give rows an id"
            )
            return
        }
        let id = old?.id ?? row.id ?? ids.next(now: .now()).description
        let new = RosterMailbox(
            id: id, address: row.address, login: row.login, target: row.target, wave: row.wave ?? old?.wave ?? "",
            aliases: row.aliases ?? old?.aliases ?? [],
            assigned: old?.assigned ?? [], kind: row.kind ?? old?.kind ?? .user,
            folder: row.folder ?? old?.folder ?? "INBOX")
        named.insert(id)
        result[id] = (new, row.line)
        guard let old else {
            changes.append(.added(new))
            return
        }
        let fields = RosterChange.fields(from: old, to: new)
        if fields.isEmpty { unchanged += 1 } else { changes.append(.changed(new, fields)) }
    }

    mutating func removeUnnamed(waiting: (String) throws -> Int) throws {
        for mailbox in current.sorted(by: { $0.address < $1.address }) where !named.contains(mailbox.id) {
            let count = try waiting(mailbox.id)
            if count > 0 {
                problems.append(
                    """
                    \(fileName): \(mailbox.address) is not in the file but \(count) deliveries still wait for it; add it, replay or drop its mail \
                    first, or import with --merge
                    """)
            }
            result[mailbox.id] = nil
            changes.append(.removed(mailbox))
        }
    }

    /// The roster as it would be: an address and a login belong to one mailbox.
    mutating func check() throws {
        var addresses: [String: RosterMailbox] = [:]
        var logins: [String: RosterMailbox] = [:]
        for (mailbox, line) in result.values.sorted(by: {
            ($0.line ?? 0, $0.mailbox.address) < ($1.line ?? 0, $1.mailbox.address)
        }) {
            let place = line.map { "\(fileName):\($0)" } ?? fileName
            for key in Set(mailbox.addresses.map { $0.asciiLowercased }).sorted() {
                if let other = addresses.updateValue(mailbox, forKey: key) {
                    let isAssigned = other.assigned.contains(key) || mailbox.assigned.contains(key)
                    problems.append(
                        isAssigned
                            ? "\(place): aliases: \(key) was assigned to another mailbox; `layover assign \(key) --undo` first"
                            : "\(place): aliases: \(key) belongs to \(other.address) already; remove it there first")
                }
            }
            if let other = logins.updateValue(mailbox, forKey: Self.login(mailbox.target, mailbox.login)) {
                problems.append(
                    "\(place): login: \(mailbox.login) on \(mailbox.target) is the mailbox of \(other.address) already")
            }
        }
        guard problems.isEmpty else { throw LedgerError(code: .roster, message: problems.joined(separator: "\n")) }
    }
}
