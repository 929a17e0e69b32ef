import ArgumentParser
import Ledger

/// `layover reindex`: builds the Ledger whole from segments and journal.
struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Rebuild the index from the spool. Mail is taken meanwhile; replay waits.",
        discussion:
            "Exits 65, and leaves the index as it is, where it knows mail that the segments do not hold and that was not reclaimed."
    )

    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Also where only the index knows of lost mail: after that nothing does.")
    var forgetMissingMail = false

    func run() async throws {
        let configuration = try common.load()
        try SpoolOwner.become(ownerOf: configuration.spool.directory)
        // An index that is ahead of a restored spool is the only one that knows: it must be asked before it goes.
        try RestoredSpool.notice(configuration, by: SpoolOwner.caller)
        let start = ContinuousClock.now
        var forgotten = try Ledger.reindex(
            layout: configuration.layout, rules: configuration.addressRules, forgettingMissingMail: forgetMissingMail)
        let ledger = try Ledger.open(
            layout: configuration.layout, role: .writer, rules: configuration.addressRules)
        try ledger.catchUp()
        if forgetMissingMail {
            forgotten += try ledger.forgetMissingSinceRestore()
        } else {
            try ledger.checkNothingIsMissingSinceRestore()
        }
        try ledger.writeRosterSnapshot()
        let progress = try ledger.progress()
        let seconds = Double((ContinuousClock.now - start).milliseconds) / 1000
        Output.print("\(progress.message) messages and \(progress.act) acts indexed in \(seconds) s")
        if forgotten > 0 {
            Output.print("\(forgotten) messages are forgotten, of which only the index knew")
        }
        if progress.damage > 0 {
            Output.print("\(progress.damage) damaged places were stepped over: run `layover fsck`")
        }
    }
}
