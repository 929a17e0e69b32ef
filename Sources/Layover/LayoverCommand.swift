import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// The `layover` command: one verb a file in `Commands/`.
@main
struct LayoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layover",
        abstract:
            "Interim MX for mail migrations: holds every message, then puts it into the new mailbox, and proves it.",
        version: LayoverVersion.text,
        subcommands: [
            ServeCommand.self, ReceiveCommand.self, ReplayCommand.self, ConsoleCommand.self, RosterCommand.self,
            CutoverCommand.self,
            AuditCommand.self, ProveCommand.self, ShowCommand.self, StatusCommand.self, CheckCommand.self,
            ReindexCommand.self,
            FsckCommand.self, PauseCommand.self, ResumeCommand.self, ThrottleCommand.self, WaveCommand.self,
            ReclaimCommand.self,
            RetryCommand.self, ReportCommand.self, RehearseCommand.self,
            DropCommand.self,
            ExportCommand.self, ImportCommand.self, ReserveCommand.self, ConfigCommand.self,
        ])

    /// Runs the verb; every error ends in one line on standard error and an exit status of sysexits.h.
    static func main() async {
        // The spool is for its owner and its group: what is made is nobody else's to read.
        umask(0o007)
        do {
            var command = try parseAsRoot(CommandWords.current)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.exit(for: error)
        }
    }
}

/// The version that `--version`, the IMAP ID command and the metrics name.
enum LayoverVersion {
    static let text = "0.1.0"
}
