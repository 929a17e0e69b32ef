import MailModel

/// How `audit` writes its rows. The names and order of the fields are fixed.
public enum AuditFormat: String, Sendable, CaseIterable {
    case table, json, csv

    /// The fields of json and csv, in order.
    public static let fields = [
        "id", "recipient", "mailbox", "state", "sender", "subject", "message_id", "size", "received_at", "client",
        "helo", "tls", "sha256",
        "attempts", "last_error", "uid", "uidvalidity", "delivered_at", "verified_at",
        "finding", "doubtful",
    ]

    /// What stands before the first row, with its line end; empty for json.
    public var header: String {
        switch self {
        case .json: ""
        case .csv: Self.fields.joined(separator: ",") + "\r\n"
        case .table: TableText.line(Self.columns.map { ($0.name, $0.width) })
        }
    }

    /// One row with its line end.
    public func line(_ row: AuditRow) -> String {
        switch self {
        case .json: JSONText.object(zip(Self.fields, row.values.map(\.json)).map { ($0, $1) }) + "\n"
        case .csv: row.values.map(\.csv).joined(separator: ",") + "\r\n"
        case .table: TableText.line(zip(row.cells, Self.columns).map { ($0, $1.width) })
        }
    }

    private static let columns: [(name: String, width: Int)] = [
        ("ID", 26), ("RECEIVED", 20), ("STATE", 10), ("SENDER", 28), ("RECIPIENT", 28), ("SIZE", 10), ("SUBJECT", 0),
    ]
}

extension AuditRow {
    fileprivate var values: [AuditValue] {
        [
            .text(id.description), .text(recipient), .text(mailbox), .text(state.word), .text(sender), .text(subject),
            .text(messageID),
            .number(Int64(size)), .text(receivedAt.rfc3339), .text(client), .text(helo), .text(tls), .text(sha256.hex),
            .number(Int64(attempts)), .text(lastError), .number(uid.map(Int64.init)),
            .number(uidValidity.map(Int64.init)),
            .text(deliveredAt?.rfc3339), .text(verifiedAt?.rfc3339), .text(finding),
            .flag(isDoubtful),
        ]
    }

    fileprivate var cells: [String] {
        [
            id.description, String(receivedAt.rfc3339.prefix(19)) + "Z", state.word + (isDoubtful ? "?" : ""),
            sender.isEmpty ? "<>" : sender,
            recipient, size.formattedBytes, subject ?? "",
        ]
    }
}

extension Int {
    fileprivate var formattedBytes: String { ByteCount(self).description }
}
