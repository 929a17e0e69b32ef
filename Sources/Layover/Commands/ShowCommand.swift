import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover show ID`: one message with everything that is known of it.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one message: envelope, header, deliveries, history; with --raw its bytes.")

    @OptionGroup var common: CommonOptions
    @Argument(help: "The message's id, as in the 250 reply and in X-Layover-Id.") var id: String
    @Flag(name: .long, help: "Write the stored bytes, and nothing else, to standard output.") var raw = false

    func validate() throws { _ = try FilterOptions.messageID(id) }

    func run() async throws {
        let messageID = try FilterOptions.messageID(id)
        let workspace = try Workspace.open(common)
        let rows = try workspace.ledger.deliveries(of: [messageID])
        guard let first = rows.first else { return }
        if let at = first.reclaimedAt {
            guard !raw else { throw CommandError(.badData, "message \(messageID): \(Self.reclaimed(at, rows))") }
            return try describe(first, rows, bytes: nil, stored: Self.reclaimed(at, rows), workspace.ledger)
        }
        let bytes: [UInt8]
        do {
            bytes = try SpoolReader(layout: workspace.layout).bytes(of: first.location)
        } catch let error as SpoolError {
            if !raw {
                try describe(first, rows, bytes: nil, stored: "its bytes cannot be read", workspace.ledger)
            }
            throw CommandError(
                .inputOutput,
                "the bytes of \(messageID) cannot be read (\(error)): `layover fsck` says what the spool has lost; restore that file from a backup"
            )
        }
        let stored =
            "segment \(first.location.position.segment), byte \(first.location.position.offset); digest is right"
        raw ? Self.write(bytes) : try describe(first, rows, bytes: bytes, stored: stored, workspace.ledger)
    }

    /// Where to find it now.
    private static func reclaimed(_ at: Timestamp, _ rows: [AuditRow]) -> String {
        let copies = rows.filter { $0.state == .verified }.map { row in
            "verified copy in mailbox \(row.mailbox ?? row.recipient)" + (row.uid.map { " uid \($0)" } ?? "")
        }
        return (["its bytes were reclaimed on \(at.rfc3339)"] + copies).joined(separator: "; ")
    }

    private static func write(_ bytes: [UInt8]) {
        var output = Output()
        output.write(bytes)
        output.flush()
    }

    private func describe(
        _ first: AuditRow, _ rows: [AuditRow], bytes: [UInt8]?, stored: String, _ ledger: Ledger
    ) throws {
        var output = Output()
        let fields = [
            ("id", first.id.description), ("received", first.receivedAt.rfc3339),
            ("sender", first.sender.isEmpty ? "<>" : first.sender),
            ("client", "\(first.client) (\(first.helo))"), ("tls", first.tls ?? "none"),
            ("size", "\(first.size) bytes"),
            ("sha256", first.sha256.hex), ("subject", first.subject ?? ""), ("message-id", first.messageID ?? ""),
            ("stored", stored),
        ]
        for (name, value) in fields { output.write(name.padded(to: 12) + value.escapedToOneLine + "\n") }
        output.write("\n")
        var table = TextTable(["RECIPIENT", "STATE", "MAILBOX", "UID", "DELIVERED", "VERIFIED", "LAST ERROR"])
        for row in rows {
            table.add([
                row.recipient, row.state.word + (row.isDoubtful ? " (doubtful)" : ""), row.mailbox ?? "",
                row.uid.map(String.init) ?? "",
                row.deliveredAt?.rfc3339 ?? "", row.verifiedAt?.rfc3339 ?? "", row.lastError ?? "",
            ])
        }
        output.write(table.text + "\n")
        for act in try ledger.history(message: first.id) { output.write(act.line) }
        if let bytes { output.write("\n" + Self.header(of: bytes)) }
        output.flush()
    }

    /// The header of the message, with what could disturb a terminal escaped.
    private static func header(of bytes: [UInt8]) -> String {
        var text = ""
        for line in bytes.prefix(SpoolLimits.headerPrefix).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if content.isEmpty { break }
            text += String(decoding: content, as: UTF8.self).escapedToOneLine + "\n"
        }
        return text
    }
}
