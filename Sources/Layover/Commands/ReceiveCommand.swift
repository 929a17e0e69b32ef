import ArgumentParser

/// `layover receive`: the MX alone. It opens no database and reads no credentials.
struct ReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Take mail by SMTP and hold it: the MX alone, as its own process.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load([.receive])
        try SpoolOwner.requireAccess(to: configuration.spool.directory)
        let logger = configuration.logger()
        let receiver = try LayoverServices.receiver(configuration, logger: logger)
        try await LayoverServices.run([receiver], receiver: receiver, logger: logger)
    }
}
