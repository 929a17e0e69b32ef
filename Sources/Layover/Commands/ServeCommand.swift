import ArgumentParser
import ServiceLifecycle

/// `layover serve`: every role in one process.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run every role in one process: receive, replay as mail comes, console.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load(Set(LayoverRole.allCases))
        try SpoolOwner.requireAccess(to: configuration.spool.directory)
        let logger = configuration.logger()
        let receiver = try LayoverServices.receiver(configuration, logger: logger)
        let replay = try LayoverServices.replay(configuration, logger: logger)
        let console = try LayoverServices.console(configuration, receiver: receiver, replay: replay, logger: logger)
        let reclaim = LayoverServices.reclaim(configuration, beside: replay, logger: logger)
        let progress = LayoverServices.progress(of: replay, logger: logger)
        let services: [(any Service)?] = [receiver, replay, reclaim, progress, console]
        try await LayoverServices.run(services.compactMap(\.self), receiver: receiver, logger: logger)
    }
}
