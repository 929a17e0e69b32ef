import ArgumentParser
import Ledger
import MailModel
import Spool

/// `layover wave`: the cutover waves.
struct WaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wave", abstract: "List waves, and close those that are through.",
        subcommands: [List.self, Close.self])

    /// `layover wave list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List waves with their counts.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let workspace = try Workspace.open(common)
            var table = TextTable(["WAVE", "STATE", "MAILBOXES", "CUT OVER", "HELD", "DELIVERED", "VERIFIED", "FAILED"])
            for wave in try workspace.ledger.wavesAndRest(now: .now()) {
                table.add([
                    wave.title, Self.state(wave), "\(wave.mailboxes)",
                    "\(wave.cutOver)" + (wave.scheduled > 0 ? ", \(wave.scheduled) scheduled" : ""),
                    "\(wave.counts.held)", "\(wave.counts.delivered)", "\(wave.counts.verified)",
                    "\(wave.counts.failed)",
                ])
            }
            Output.print(table.text)
        }

        private static func state(_ wave: WaveStatus) -> String {
            guard let closedAt = wave.closedAt else { return "open" }
            return "closed \(closedAt.rfc3339) by \(wave.closedBy)" + (wave.why.isEmpty ? "" : " (\(wave.why))")
                + (wave.leftAfterClosing.map { "; since then \($0)" } ?? "")
        }
    }

    /// `layover wave close W`
    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Close a wave: its mail was checked, and may be removed from the spool once the retention time is over."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The wave; - for the mailboxes that are in none.") var wave: String
        @Option(name: .long, help: "Why, for the journal.") var reason = ""
        @Flag(
            name: .long,
            help:
                "Take copies for good that nobody has compared and that `prove --live` has found nowhere: their owners have deleted them. Needs --reason."
        )
        var acceptUnverified = false

        func run() async throws {
            let workspace = try Workspace.open(common)
            let name = wave == WaveStatus.unnamed ? "" : wave
            guard let status = try workspace.ledger.wave(named: name, now: .now()) else {
                throw CommandError(.badData, "no wave \(wave); `layover wave list` shows them")
            }
            if let left = status.leftAfterClosing {
                throw CommandError(
                    .temporary,
                    "wave \(wave) is closed already, and mailboxes have come into it since: \(left); nothing of that is lost: `layover cutover --wave \(wave)`, then `layover replay --wave \(wave)`"
                )
            }
            guard status.closedAt == nil else { return Output.print("wave \(wave) is closed already") }
            let unverified = try workspace.ledger.unverified(wave: name)
            let missing = unverified.reduce(0) { $0 + $1.missing.count }
            let others = unverified.reduce(0) { $0 + $1.others.count }
            guard status.counts.held + status.counts.failed + others == 0, acceptUnverified || missing == 0,
                status.cutOver == status.mailboxes
            else {
                throw CommandError(
                    .temporary,
                    "wave \(wave) is not through: \(status.mailboxes - status.cutOver) mailboxes not cut over, \(status.counts.held) held, \(status.counts.failed) parked, \(others) not verified, \(missing) not verified and missing"
                        + Self.remedy(wave, missing: missing, unverified.filter { !$0.others.isEmpty }))
            }
            try await workspace.record(accepted(unverified) + [.waveClosed(name: name, why: reason)])
            Output.print(
                "wave \(wave) closed: \(status.mailboxes) mailboxes, \(status.counts.verified) verified"
                    + (missing == 0 ? "" : ", \(missing) taken for good unverified"))
        }

        /// What a person does about copies that nobody has compared.
        private static func remedy(_ wave: String, missing: Int, _ others: [UnverifiedMail]) -> String {
            let looks =
                others.first.map { mail in
                    "; `layover prove --live` compares what is still there and says what is gone (\(mail.address): \(mail.others.first?.description ?? ""))"
                } ?? ""
            return looks + (missing == 0 ? "" : "; --accept-unverified takes for good what its owners have deleted")
        }

        func validate() throws {
            guard !acceptUnverified || !reason.isEmpty else {
                throw ValidationError("--accept-unverified needs --reason: it stands in the journal for good")
            }
        }

        private func accepted(_ unverified: [UnverifiedMail]) -> [JournalAct] {
            unverified.filter { !$0.missing.isEmpty }.map {
                .acceptedUnverified(mailboxID: $0.mailboxID, ids: $0.missing, why: reason)
            }
        }
    }
}
