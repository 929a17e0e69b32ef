import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover assign`: a person says whose mail an unknown recipient is.
struct AssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Give an address to a mailbox: the mail that is held for it goes there, and so does what comes.",
        discussion: """
            The roster stays as it was imported; an assignment outlives every import until --undo. What is delivered already is not \
            moved. `layover roster coverage` lists the addresses that want one.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The address, such as sales@example.com.") var address: String
    @Argument(help: "The mailbox, by an address of its own or its id.") var mailbox: String?
    @Flag(name: .long, help: "Take the assignment of this address back.") var undo = false
    @Flag(name: .long, help: "Print what would be done, and do nothing.") var dryRun = false
    @Option(name: .long, help: "Why, for the journal.") var reason = ""

    func validate() throws {
        if undo == (mailbox != nil) {
            throw ValidationError(undo ? "--undo takes the address only." : "Name the mailbox that gets the address.")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(common)
        let address = try checked(workspace.configuration)
        let changing = try dryRun ? nil : workspace.changingRoster()
        defer { changing?.release() }
        let owner = try workspace.ledger.mailbox(withAddress: address)
        if undo {
            try await takeBack(address, of: owner, in: workspace)
        } else {
            try await assign(address, owner: owner, in: workspace)
        }
    }

    private func checked(_ configuration: LayoverConfiguration) throws -> MailAddress {
        guard let address = MailAddress(address), !address.localPart.isEmpty,
            self.address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && $0 != "," && $0 != ";" })
        else { throw CommandError(.badData, "\(self.address) is no address; write name@example.com") }
        if let receive = try configuration.receiveSection(), !receive.domains.contains(address.domain) {
            throw CommandError(
                .badData, "\(address.domain) is none of the domains of receive.domains, so no mail comes for it")
        }
        return address
    }

    private func assign(_ address: MailAddress, owner: MailboxStatus?, in workspace: Workspace) async throws {
        let gaining = try workspace.ledger.mailbox(named: mailbox ?? "").mailbox
        if let owner {
            guard owner.mailbox.id == gaining.id else {
                throw CommandError(
                    .badData,
                    owner.mailbox.assigned.contains(address.key)
                        ? "\(address) is assigned to \(owner.mailbox.address); `layover assign \(address) --undo` first"
                        : "\(address) belongs to \(owner.mailbox.address) by the roster; change it there")
            }
            return Output.print("\(address) belongs to \(gaining.address) already; nothing was done")
        }
        let change = try workspace.ledger.assignment(of: address, to: gaining.id)
        let verb = dryRun ? "would go" : "go"
        let text = "\(address) to \(gaining.address): \(change.held) held messages \(verb) there"
        guard !dryRun else { return Output.print("\(text)\nnothing was done") }
        let act = JournalAct.assigned(address: address.key, mailboxID: gaining.id, why: reason)
        try await record(act, change, workspace)
        try tell("\(text)\nto take it back before anything is delivered: layover assign \(address) --undo\n", workspace)
    }

    private func takeBack(_ address: MailAddress, of owner: MailboxStatus?, in workspace: Workspace) async throws {
        guard let owner, owner.mailbox.assigned.contains(address.key) else {
            throw CommandError(
                .badData, "\(address) is not assigned to any mailbox; `layover roster show` tells what is")
        }
        let remaining = owner.mailbox.aliases + [owner.mailbox.address]
        let isInRoster = remaining.contains { $0.lowercased() == address.key }
        let change = try workspace.ledger.assignment(of: address, to: isInRoster ? owner.mailbox.id : nil)
        let text =
            "\(address) no more to \(owner.mailbox.address): \(change.held) held messages \(dryRun ? "would wait" : "wait") again"
        guard !dryRun else { return Output.print("\(text)\nnothing was done") }
        try await record(.unassigned(address: address.key, why: reason), change, workspace)
        try tell(text + "\n", workspace)
    }

    /// No mailbox that loses mail by it may be in the middle of getting it.
    private func record(_ act: JournalAct, _ change: Assignment, _ workspace: Workspace) async throws {
        let locks = try MailboxLocks(change.losing.map(\.mailbox), workspace)
        defer { locks.release() }
        try await workspace.record([act] + change.afterRestore)
        try workspace.ledger.writeRosterSnapshot()
    }

    /// Also whether the mailbox that has the address now must be looked into first.
    private func tell(_ text: String, _ workspace: Workspace) throws {
        var output = Output()
        output.write(text)
        let gaining = try MailAddress(address).flatMap { try workspace.ledger.mailbox(for: $0) }
        try RestoredSpool.tell(workspace.ledger, Set([gaining?.mailbox.id].compactMap(\.self)), on: &output)
        output.flush()
    }
}
