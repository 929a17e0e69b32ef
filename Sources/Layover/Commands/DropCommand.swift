import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover drop`: a person gives a held message up, with a reason that stays in the journal.
struct DropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Give a held or parked message up: it will not be delivered. The reason stays in the journal.")

    @OptionGroup var common: CommonOptions
    @Argument(help: "The message's id.") var id: String
    @Option(name: .long, help: "Only for this recipient.") var to: String?
    @Option(name: .long, help: "Why. Required.") var reason: String

    func validate() throws {
        _ = try FilterOptions.messageID(id)
        if reason.isEmpty { throw ValidationError("--reason must say why.") }
    }

    func run() async throws {
        let messageID = try FilterOptions.messageID(id)
        let workspace = try Workspace.open(common)
        var filter = AuditFilter()
        filter.id = messageID
        filter.to = to
        let found = try workspace.ledger.audit(filter)
        guard !found.isEmpty else {
            throw CommandError(.badData, "no message \(messageID)\(to.map { " for \($0)" } ?? "") in this spool")
        }
        // What is being appended now is nobody's to drop until it is settled. To a mailbox that has left the roster nothing goes.
        let mailboxes = Set(found.compactMap(\.mailbox)).sorted().compactMap { address in
            try? workspace.ledger.mailbox(named: address).mailbox
        }
        let locks = try MailboxLocks(mailboxes, workspace)
        defer { locks.release() }
        try workspace.ledger.catchUp()
        let rows = try workspace.ledger.audit(filter)
        let droppable = rows.filter { $0.state == .held || $0.state == .failed }
        guard droppable.count == rows.count else {
            let states = Set(rows.map(\.state.word)).sorted().joined(separator: ", ")
            throw CommandError(
                rows.contains { $0.state == .appending } ? .temporary : .badData,
                "message \(messageID) is \(states): only what is held or parked can be dropped")
        }
        try await workspace.record(droppable.map { .dropped(id: messageID, recipient: $0.recipient, why: reason) })
        Output.print(
            "\(droppable.count) deliveries of \(messageID) dropped; the bytes stay until the retention time is over")
    }
}
