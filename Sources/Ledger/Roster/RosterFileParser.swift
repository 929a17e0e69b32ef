import MailModel

/// Checks the rows of a roster file and gathers every mistake before it gives up.
struct RosterFileParser {
    private enum Column: String, CaseIterable {
        case mailbox, login, target, wave, aliases, id, type, folder
    }

    private let fileName: String
    private let targets: Set<String>
    private var columns: [Column: Int] = [:]
    private var problems: [String] = []
    /// Where each address and each (target, login) was claimed first.
    private var addressLines: [String: Int] = [:]
    private var loginLines: [String: Int] = [:]
    private var idLines: [String: Int] = [:]
    private static let problemsShown = 20

    init(fileName: String, targets: Set<String>) {
        self.fileName = fileName
        self.targets = targets
    }

    mutating func parse(_ table: CSVTable) throws -> [RosterRow] {
        guard let header = table.rows.first else {
            throw LedgerError(
                code: .roster,
                message:
                    "\(fileName): the file is empty; its first line must name the columns: mailbox, login, target, wave, aliases"
            )
        }
        readHeader(header)
        try failIfWrong()
        let rows = table.rows.dropFirst().compactMap { row($0) }
        for row in rows { claim(row) }
        try failIfWrong()
        return rows
    }

    private mutating func readHeader(_ header: CSVTable.Row) {
        for (index, name) in header.fields.enumerated() where !name.isEmpty {
            guard let column = Column(rawValue: name.lowercased()) else {
                report(
                    header.line, name,
                    "is no column; the columns are \(Column.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            if columns[column] != nil { report(header.line, name, "is named twice; remove one") }
            columns[column] = index
        }
        for column in [Column.mailbox, .target] where columns[column] == nil {
            report(header.line, column.rawValue, "is missing; the first line must name this column")
        }
    }

    /// The value of a column in a row; nil where the file has no such column.
    private func value(_ column: Column, _ row: CSVTable.Row) -> String? {
        guard let index = columns[column] else { return nil }
        return index < row.fields.count ? row.fields[index] : ""
    }

    private mutating func row(_ row: CSVTable.Row) -> RosterRow? {
        if row.fields.count > (columns.values.max() ?? 0) + 1,
            row.fields.dropFirst((columns.values.max() ?? 0) + 1).contains(where: { !$0.isEmpty })
        {
            report(
                row.line, "row",
                "has \(row.fields.count) fields, more than the first line names; quote a field that holds the separator"
            )
        }
        let before = problems.count
        let text = value(.mailbox, row) ?? ""
        guard let address = address(text, row.line, .mailbox, allowsCatchAll: false) else { return nil }
        let target = value(.target, row) ?? ""
        if !targets.contains(target) {
            let known = targets.sorted().joined(separator: ", ")
            report(
                row.line, "target",
                target.isEmpty
                    ? "is empty; name one of: \(known)" : "\"\(target)\" is not configured; name one of: \(known)")
        }
        let login = value(.login, row) ?? ""
        let kind = kind(row)
        let aliases = value(.aliases, row)?.split(whereSeparator: \.isWhitespace).compactMap {
            self.address(String($0), row.line, .aliases, allowsCatchAll: true)
        }
        let folder = value(.folder, row)
        let id = value(.id, row)
        guard problems.count == before else { return nil }
        return RosterRow(
            line: row.line, id: id?.isEmpty == true ? nil : id, address: address,
            login: login.isEmpty ? address : login, target: target,
            // What stands for no wave on the command line does here too.
            wave: value(.wave, row).map { $0 == WaveStatus.unnamed ? "" : $0 }, aliases: aliases, kind: kind,
            folder: folder?.isEmpty == true ? "INBOX" : folder)
    }

    private mutating func kind(_ row: CSVTable.Row) -> RosterMailbox.Kind? {
        guard let text = value(.type, row) else { return nil }
        if text.isEmpty { return .user }
        let kind = RosterMailbox.Kind(rawValue: text.lowercased())
        if kind == nil { report(row.line, "type", "\"\(text)\" is none of user, shared, route") }
        return kind
    }

    private mutating func address(_ text: String, _ line: Int, _ column: Column, allowsCatchAll: Bool) -> String? {
        guard let address = MailAddress(text), !text.contains(where: { $0.isWhitespace || $0 == "," || $0 == ";" }),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f })
        else {
            report(
                line, column.rawValue,
                text.isEmpty
                    ? "is empty; write the mailbox's address" : "\"\(text)\" is no address; write name@example.com")
            return nil
        }
        if address.localPart.isEmpty && !allowsCatchAll {
            report(
                line, column.rawValue,
                "\"\(text)\" is a catch-all; put it under aliases and name the mailbox by an address")
            return nil
        }
        // As the receiver writes it, or nobody would be recognised by it.
        return address.unquoted.text
    }

    private mutating func claim(_ row: RosterRow) {
        for key in Set(row.keys) {
            if let first = addressLines[key] {
                report(
                    row.line, key == row.address.asciiLowercased ? "mailbox" : "aliases",
                    "\(key) is claimed in line \(first) already; remove it in one")
            }
            addressLines[key] = addressLines[key] ?? row.line
        }
        let login = "\(row.target)\n\(row.login)"
        if let first = loginLines[login] {
            report(
                row.line, "login",
                "\(row.login) on \(row.target) is the mailbox of line \(first) already; make this row's addresses its aliases"
            )
        }
        loginLines[login] = loginLines[login] ?? row.line
        if let id = row.id {
            if let first = idLines[id] {
                report(row.line, "id", "\(id) is given in line \(first) already; every mailbox has its own")
            }
            idLines[id] = idLines[id] ?? row.line
        }
    }

    private mutating func report(_ line: Int, _ column: String, _ text: String) {
        problems.append("\(fileName):\(line): \(column): \(text)")
    }

    private func failIfWrong() throws {
        guard !problems.isEmpty else { return }
        var shown = problems.prefix(Self.problemsShown).joined(separator: "\n")
        if problems.count > Self.problemsShown {
            shown += "\n\(fileName): and \(problems.count - Self.problemsShown) more"
        }
        throw LedgerError(code: .roster, message: shown)
    }
}
