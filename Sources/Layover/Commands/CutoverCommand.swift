import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover cutover`: from now on, or from a time on, the held mail of these mailboxes may go.
struct CutoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Let the held mail of mailboxes go into their new home.",
        discussion:
            "Nothing is delivered by this alone: `layover replay`, or a follower, does. Until then --undo takes it back. A follower begins only after a short grace."
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(
        name: .long,
        help: "From when on (2026-11-27T20:00+01:00); now where it is left out, or past by no more than a day.") var at:
        String?
    @Option(name: .long, help: "How long a follower waits with the first delivery, such as \"30 s\".")
    var grace = DurationText(CutoverLimits.grace).description
    @Flag(name: .long, help: "Take it back: the mailboxes hold again.") var undo = false
    @Flag(name: .long, help: "Print what would be done, and do nothing.") var dryRun = false
    @Option(name: .long, help: "Why, for the journal.") var reason: String = ""

    func validate() throws {
        try selection.requireGiven()
        if undo && at != nil { throw ValidationError("--undo takes no --at.") }
        if let asked = try asked, asked < Timestamp.now().adding(milliseconds: -CutoverLimits.oldest.milliseconds) {
            throw ValidationError(
                "--at \(at ?? "") is \(LocalTime(asked)), more than a day ago: is the year right? Leave --at out to cut over now."
            )
        }
        guard DurationText(grace) != nil else {
            throw ValidationError("--grace \(grace): write a number and a unit, such as \"30 s\" or \"5 min\".")
        }
    }

    func run() async throws {
        let asked = try asked
        let workspace = try Workspace.open(common)
        let chosen = try workspace.ledger.mailboxes(selection.selection())
        try await undo ? takeBack(chosen, in: workspace) : cutOver(chosen, asked: asked, in: workspace)
    }

    private var asked: Timestamp? {
        get throws { try at.map { try FilterOptions.time($0, "--at") } }
    }

    // MARK: Forth

    private func cutOver(_ chosen: [MailboxStatus], asked: Timestamp?, in workspace: Workspace) async throws {
        let now = Timestamp.now()
        let isFollowed = try workspace.isFollowed
        let pause = DurationText(grace)?.duration ?? CutoverLimits.grace
        let earliest = isFollowed ? now.adding(milliseconds: pause.milliseconds) : now
        let start = asked.map { isFollowed ? max($0, earliest) : $0 } ?? earliest
        // One that is scheduled is moved to the new time; one whose mail may go already is left alone.
        let affected = chosen.filter { status in status.cutoverAt.map { $0 > now && $0 != start } ?? true }
        var output = Output()
        write(affected, of: chosen, dryRun ? "would cut over" : "cut over", to: &output)
        let already = chosen.count { status in status.cutoverAt.map { $0 <= now } ?? false }
        if already > 0 { output.write("\(already) are cut over already and stay so\n") }
        output.write("from \(LocalTime(start))\n")
        if let asked, asked <= now {
            output.write("that is past: \(dryRun ? "it would be" : "it is") as without --at\n")
        }
        if dryRun {
            output.write("nothing was done\n")
        } else if !affected.isEmpty {
            try await workspace.record([.cutover(mailboxIDs: affected.map(\.mailbox.id), at: start, why: reason)])
        }
        if !affected.isEmpty { output.write(Self.wayBack(from: start, now: now, isFollowed: isFollowed)) }
        if let paused = try HeldBack.paused(chosen.filter(\.isPaused), selection.words, workspace.ledger) {
            output.write("\(paused), and nothing is delivered before".escapedToOneLine + "\n")
        }
        try RestoredSpool.tell(workspace.ledger, Set(chosen.map(\.mailbox.id)), on: &output)
        output.flush()
    }

    /// Until when nothing can have been delivered.
    private static func wayBack(from start: Timestamp, now: Timestamp, isFollowed: Bool) -> String {
        guard isFollowed || start > now else {
            return
                "to deliver: layover replay; until somebody runs it, `layover cutover … --undo` takes it back whole\n"
        }
        let delivers = isFollowed ? "the follower delivers from then on" : "then deliver with `layover replay`"
        return
            "it can be taken back whole until \(LocalTime(start)), by `layover cutover … --undo` or `layover pause …`; \(delivers)\n"
    }

    // MARK: Back

    private func takeBack(_ chosen: [MailboxStatus], in workspace: Workspace) async throws {
        let affected = chosen.filter { $0.cutoverAt != nil }
        guard !dryRun else { return tell(affected, of: chosen, "would hold again", ending: "nothing was done\n") }
        guard !affected.isEmpty else { return tell(affected, of: chosen, "hold again") }
        // A mailbox that is being appended to must not begin to hold in the middle of it.
        let locks = try MailboxLocks(affected.map(\.mailbox), workspace)
        defer { locks.release() }
        try workspace.ledger.catchUp()
        let open = try affected.first { try !workspace.ledger.openIntents(mailboxID: $0.mailbox.id).isEmpty }
        if let open {
            throw CommandError(
                .temporary,
                "a batch of \(open.mailbox.address) is in doubt; wait until a replay has settled it, then undo again")
        }
        let ids = Set(affected.map(\.mailbox.id))
        try await workspace.record([.cutoverUndone(mailboxIDs: affected.map(\.mailbox.id), why: reason)])
        // What a replay has delivered while its locks were waited for is counted as it is.
        let now = try workspace.ledger.mailboxes().filter { ids.contains($0.mailbox.id) }
        tell(now, of: chosen, "hold again")
    }

    private func tell(_ affected: [MailboxStatus], of chosen: [MailboxStatus], _ verb: String, ending: String = "") {
        var output = Output()
        write(affected, of: chosen, verb, to: &output)
        let gone = affected.reduce(0) { $0 + $1.counts.delivered }
        if gone > 0 { output.write("\(gone) messages are delivered already and stay where they are\n") }
        output.write(ending)
        output.flush()
    }

    private func write(_ affected: [MailboxStatus], of chosen: [MailboxStatus], _ verb: String, to output: inout Output)
    {
        for status in affected { output.write("\(status.mailbox.address)  \(status.counts.held) held\n") }
        let held = affected.reduce(0) { $0 + $1.counts.held }
        output.write("\(affected.count) of \(chosen.count) mailboxes \(verb), \(held) messages held\n")
    }
}
