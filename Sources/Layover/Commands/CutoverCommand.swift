import ArgumentParser
import Foundation
import Ledger
import MailModel
import Spool

/// `layover cutover`: from now on, or from a time on, the held mail of these mailboxes may go.
struct CutoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Let the held mail of mailboxes go into their new home.",
        discussion:
            "Nothing is delivered by this alone: `layover replay`, or a follower, does. Until then --undo takes it back."
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "From when on; now where it is left out (2026-11-27T20:00+01:00).") var at: String?
    @Flag(name: .long, help: "Take it back: the mailboxes hold again.") var undo = false
    @Flag(name: .long, help: "Print what would be done, and do nothing.") var dryRun = false
    @Option(name: .long, help: "Why, for the journal.") var reason: String = ""

    func validate() throws {
        try selection.requireGiven()
        if undo && at != nil { throw ValidationError("--undo takes no --at.") }
    }

    func run() async throws {
        let time = try at.map { try FilterOptions.time($0, "--at") } ?? Timestamp.now()
        let workspace = try Workspace.open(common)
        let chosen = try workspace.ledger.mailboxes(selection.selection())
        let affected = chosen.filter {
            undo ? $0.cutoverAt != nil : $0.cutoverAt == nil || (at != nil && $0.cutoverAt != time)
        }
        let held = affected.reduce(0) { $0 + $1.counts.held }
        let verb = undo ? "hold again" : "cut over"
        var output = Output()
        for status in affected { output.write("\(status.mailbox.address)  \(status.counts.held) held\n") }
        output.write(
            "\(affected.count) of \(chosen.count) mailboxes \(dryRun ? "would \(verb)" : verb), \(held) messages held\n"
        )
        if !undo { output.write("from \(Self.local(time)), that is \(time.rfc3339)\n") }
        if dryRun {
            output.write("nothing was done\n")
        } else if !affected.isEmpty {
            try await apply(to: affected, at: time, in: workspace)
            output.write(
                undo
                    ? ""
                    : "to take it back before anything is delivered: layover cutover … --undo; to deliver: layover replay\n"
            )
        }
        output.flush()
    }

    private func apply(to affected: [MailboxStatus], at time: Timestamp, in workspace: Workspace) async throws {
        let ids = affected.map(\.mailbox.id)
        guard undo else { return try await workspace.record([.cutover(mailboxIDs: ids, at: time, why: reason)]) }
        // A mailbox that is being appended to must not begin to hold in the middle of it.
        var locks: [SpoolLock] = []
        defer { for lock in locks { lock.release() } }
        for status in affected {
            let name = LockName.mailbox(target: status.mailbox.target, login: status.mailbox.login)
            guard status.openIntents == 0,
                let lock = try SpoolLock.acquire(layout: workspace.layout, name: name, wait: false)
            else {
                throw CommandError(
                    .temporary,
                    "\(status.mailbox.address) is being replayed now; wait until its batch is settled, then undo again")
            }
            locks.append(lock)
        }
        try await workspace.record([.cutoverUndone(mailboxIDs: ids, why: reason)])
    }

    private static func local(_ time: Timestamp) -> String {
        let format = DateFormatter()
        format.dateFormat = "yyyy-MM-dd HH:mm:ss zzz"
        return format.string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    }
}
