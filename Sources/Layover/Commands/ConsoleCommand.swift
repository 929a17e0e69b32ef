import ArgumentParser

/// `layover console`: the web page, metrics and health alone.
struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Show the status as a web page, with /metrics, /livez and /readyz: read-only, loopback only.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load([.console])
        let logger = configuration.logger()
        try await LayoverServices.run([LayoverServices.console(configuration, logger: logger)], logger: logger)
    }
}
