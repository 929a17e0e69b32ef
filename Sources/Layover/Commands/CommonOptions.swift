import ArgumentParser
import Logging
import MailModel

/// What every verb takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file.")
    var config = LayoverConfiguration.defaultFile

    func load(_ roles: Set<LayoverRole> = []) throws -> LayoverConfiguration {
        try LayoverConfiguration.load(file: config, roles: roles)
    }
}

extension LayoverConfiguration {
    /// The log of a service.
    func logger() -> Logger {
        let (level, isJSON) = (log.loggerLevel, log.format == .json)
        return Logger(label: "layover") { _ in LineLogHandler(level: level, isJSON: isJSON) }
    }
}
