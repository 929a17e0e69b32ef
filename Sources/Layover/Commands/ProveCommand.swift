import ArgumentParser
import Ledger
import NIOPosix
import Replayer

/// `layover prove`: the arithmetic of what was accepted against where it is now.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove that every accepted delivery is accounted for; exits 65 where it is not.",
        discussion:
            "accepted = delivered + merged + passed + handed_off + held + failed + dropped, accepted being counted from the segments. With --live every delivered copy is looked for in its mailbox, in all folders, read only: in its place, moved, missing (its owner may have deleted it; each is named), or there more than once, which exits 65, as do more missing copies than users delete. What the look settles is journaled: copies that no replay came to compare, doubts about a message that is there exactly once, messages found twice. Mailboxes that could not be asked, or copies that nobody has ever seen: 75, or 69 where no target answers."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var selection: SelectionOptions
    @Option(name: .long, help: "table or json.") var format = Format.table

    @Flag(name: .long, help: "Ask the targets themselves for every delivered copy.") var live = false

    func run() async throws {
        let workspace = try Workspace.open(common)
        let recorder = ProofRecorder(workspace: workspace)
        let selected = try selection.selection()
        let answer = live ? try await ask(selected, workspace, recorder) : nil
        var proof = try workspace.ledger.prove(selected)
        let lost = try workspace.ledger.lostMail().count
        if selected.isEverything { proof.lost = lost }
        let text = answer.map(LiveProofText.init)
        Output.print(
            format == .json ? proof.json(adding: text?.fields ?? []) : proof.table + (text?.table ?? ""))
        let mailboxes = try workspace.ledger.mailboxes(selected)
        if let words = try RestoredSpool.words(workspace.ledger, mailboxes) {
            StandardError.write("layover: \(words)\n")
        }
        if lost > 0 {
            StandardError.write(
                "layover: \(lost) accepted messages are neither in the spool nor given back: `layover fsck` names them\n"
            )
        }
        guard proof.isBalanced else {
            throw CommandError(
                .badData,
                "the proof does not balance: run `layover fsck`, which names what is missing, and keep the spool as it is; do not reindex, since the index may be all that knows of lost mail"
            )
        }
        try recorder.check()
        if let answer { try judge(answer) }
    }

    private func ask(
        _ selected: MailboxSelection, _ workspace: Workspace, _ recorder: ProofRecorder
    ) async throws -> LiveProof {
        let targets = try common.load([.replay]).replayTargets()
        return try await LiveProver(
            ledger: workspace.ledger, targets: targets, group: MultiThreadedEventLoopGroup.singleton,
            record: recorder.record
        ).prove(selected)
    }

    private func judge(_ answer: LiveProof) throws {
        for warning in LiveProofText(proof: answer).warnings {
            StandardError.write("layover: \(warning.escapedToOneLine)\n")
        }
        guard answer.doubles.isEmpty else {
            throw CommandError(
                .badData,
                "\(answer.doubles.count) messages are in their mailboxes more than once: see above where; remove all but one of each by hand, if no one else has made them"
            )
        }
        guard answer.emptiedMailboxes.isEmpty else {
            throw CommandError(
                .badData,
                "of \(answer.emptiedMailboxes.count) mailboxes (\(answer.emptiedMailboxes[0])…) more copies are gone than users delete: look for a tool that mirrors (`doveadm backup`, imapsync with delete) before anything is reclaimed"
            )
        }
        guard answer.neverSeen == 0 else {
            throw CommandError(
                .temporary,
                "\(answer.neverSeen) copies are nowhere, and nobody has ever seen them: their server has said OK, and their owners may have deleted them at once. The spool has them: `layover export --id`, or `layover wave close --accept-unverified` when their owners say so"
            )
        }
        guard answer.problems.isEmpty else {
            let isNobodyThere = answer.present + answer.moved + answer.missing + answer.doubles.count == 0
            let isUnavailable = isNobodyThere && answer.problems.allSatisfy { $0.error.code == .unavailable }
            throw CommandError(
                isUnavailable ? .targetUnavailable : .temporary,
                "\(answer.problems.count) mailboxes could not be asked; run it again")
        }
    }
}
