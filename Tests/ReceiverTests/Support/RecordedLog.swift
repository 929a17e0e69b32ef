import Logging
import Synchronization

/// A log that a test can read.
final class RecordedLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: Logger.Metadata
    }

    private let all = Mutex<[Line]>([])

    var lines: [Line] { all.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in RecordingHandler(log: self) } }

    func messages(at level: Logger.Level) -> [String] { lines.filter { $0.level == level }.map(\.message) }
    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    private func add(_ line: Line) { all.withLock { $0.append(line) } }

    private struct RecordingHandler: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.add(Line(level: event.level, message: event.message.description, metadata: event.metadata ?? [:]))
        }
    }
}
