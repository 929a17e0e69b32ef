import Logging

extension LogSection {
    /// The same level in swift-log's type.
    var loggerLevel: Logger.Level { Logger.Level(rawValue: level.rawValue) ?? .info }
}
