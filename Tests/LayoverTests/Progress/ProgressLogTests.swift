import Foundation
import Ledger
import Logging
import NIOPosix
import Spool
import Synchronization
import Testing

@testable import Layover
@testable import Replayer

@Suite("What a follower tells of itself", .timeLimit(.minutes(10)))
struct ProgressLogTests {
    @Test("It tells in each interval in which something was done, and is silent in the others")
    func lines() async throws {
        let layout = SpoolLayout(
            directory: NSTemporaryDirectory() + "/layover-progress-\(UInt64.random(in: 0 ... .max))")
        try layout.create(POSIXFileSystem())
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let ledger = try Ledger.open(layout: layout, role: .writer)
        let lines = RecordedLines()
        let logger = Logger(label: "test") { _ in RecordingLogHandler(lines: lines) }
        let engine = ReplayEngine(
            ledger: ledger, journal: try Journal(layout: layout, by: "test"), targets: [:],
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let log = Task {
            try await ProgressLog(engine: engine, ledger: ledger, logger: logger, interval: .milliseconds(10)).run()
        }
        for number in 1...3 {
            engine.progress.add { counts in
                counts.delivered += 7
                counts.bytes += 700
                counts.failed += 1
            }
            while lines.all.count < number { try await Task.sleep(for: .milliseconds(1)) }
        }
        log.cancel()
        try await log.value
        #expect(
            lines.all
                == Array(
                    repeating: "replay progress blocked=0 bytes=700 left=0 messages=7 parked=1 rate=7/s time_left=0 s",
                    count: 3))
        ledger.close()
    }
}

private final class RecordedLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct RecordingLogHandler: LogHandler {
    let lines: RecordedLines
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        lines.add(event.message.description + fields)
    }
}
