import ArgumentParser

/// `layover config`: about the configuration itself.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Describe the configuration.", subcommands: [Describe.self])

    /// `layover config describe`
    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every option with its meaning, consequence and default.")

        func run() async throws { Output.print(ConfigurationDescription.text) }
    }
}
