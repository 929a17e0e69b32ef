import MailModel

/// `roster coverage` in the forms that `audit` has. The names and order of the fields are fixed.
extension RecipientCoverage {
    /// The fields of json and csv, in order.
    public static let fields = [
        "recipient", "messages", "held", "deferred", "rejected", "senders", "clients", "first_seen", "last_seen",
        "last_sender",
    ]

    /// What stands before the first row, with its line end; empty for json.
    public static func header(_ format: AuditFormat) -> String {
        switch format {
        case .json: ""
        case .csv: fields.joined(separator: ",") + "\r\n"
        case .table: TableText.line(columns.map { ($0.name, $0.width) })
        }
    }

    /// One row with its line end.
    public func line(_ format: AuditFormat) -> String {
        switch format {
        case .json: JSONText.object(zip(Self.fields, values.map(\.json)).map { ($0, $1) }) + "\n"
        case .csv: values.map(\.csv).joined(separator: ",") + "\r\n"
        case .table: TableText.line(zip(cells, Self.columns).map { ($0, $1.width) })
        }
    }

    private var values: [AuditValue] {
        [
            .text(recipient), .number(Int64(messages)), .number(Int64(held)), .number(Int64(deferred)),
            .number(Int64(rejected)), .number(Int64(senders)), .number(Int64(clients)), .text(firstSeen.rfc3339),
            .text(lastSeen.rfc3339), .text(lastSender),
        ]
    }

    private static let columns: [(name: String, width: Int)] = [
        ("RECIPIENT", 32), ("HELD", 6), ("DEFERRED", 8), ("REJECTED", 8), ("SENDERS", 7), ("CLIENTS", 7),
        ("FIRST SEEN", 20), ("LAST SEEN", 20), ("LAST SENDER", 0),
    ]

    private var cells: [String] {
        [
            recipient, "\(held)", "\(deferred)", "\(rejected)", "\(senders)", "\(clients)",
            String(firstSeen.rfc3339.prefix(19)) + "Z", String(lastSeen.rfc3339.prefix(19)) + "Z",
            lastSender.isEmpty ? "<>" : lastSender,
        ]
    }
}
