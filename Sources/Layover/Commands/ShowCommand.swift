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

    func run() async throws {
        let messageID = try FilterOptions.messageID(id)
        let workspace = try Workspace.open(common)
        var filter = AuditFilter()
        filter.id = messageID
        let rows = try workspace.ledger.audit(filter)
        guard let first = rows.first else {
            throw CommandError(.badData, "no message \(messageID) in this spool; `layover audit` lists what there is")
        }
        let bytes = try SpoolReader(layout: workspace.layout).bytes(of: first.location)
        raw ? Self.write(bytes) : try describe(first, rows, bytes, workspace.ledger)
    }

    private static func write(_ bytes: [UInt8]) {
        var output = Output()
        output.write(bytes)
        output.flush()
    }

    private func describe(_ first: AuditRow, _ rows: [AuditRow], _ bytes: [UInt8], _ ledger: Ledger) throws {
        var output = Output()
        let fields = [
            ("id", first.id.description), ("received", first.receivedAt.rfc3339),
            ("sender", first.sender.isEmpty ? "<>" : first.sender),
            ("client", "\(first.client) (\(first.helo))"), ("tls", first.tls ?? "none"),
            ("size", "\(first.size) bytes"),
            ("sha256", first.sha256.hex), ("subject", first.subject ?? ""), ("message-id", first.messageID ?? ""),
            (
                "stored",
                "segment \(first.location.position.segment), byte \(first.location.position.offset); digest is right"
            ),
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
        output.write("\n" + Self.header(of: bytes))
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
