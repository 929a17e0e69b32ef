import Dispatch
public import Ledger
public import MailModel
public import Spool
import Synchronization

/// The status as the Ledger, the disk and the services of this process give it.
///
/// Everything that blocks runs on a thread of its own queue. A Ledger that cannot be opened or read is opened anew at the next call.
public final class LedgerConsoleSource: ConsoleSource {
    /// What stays the same while the process runs.
    public struct Identity: Sendable {
        public var hostname: String
        public var version: String
        public var startedAt: Timestamp

        public init(hostname: String, version: String, startedAt: Timestamp) {
            self.hostname = hostname
            self.version = version
            self.startedAt = startedAt
        }
    }

    private let identity: Identity
    private let layout: SpoolLayout
    private let floor: FreeFloor
    private let fileSystem: any SpoolFileSystem
    private let receiver: @Sendable () -> ReceiverFigures?
    private let replay: @Sendable () -> ReplayFigures?
    private let openLedger: @Sendable () throws -> Ledger
    private let reading = Mutex(LedgerConsoleReading())
    private let queue = DispatchQueue(label: "console.status")

    /// - Parameters:
    ///   - receiver: nil where the receiver is another process. Must not block.
    ///   - replay: nil where replay is another process. Must not block.
    ///   - ledger: opens the Ledger, or gives the one that is open; called at each status until it succeeds, and again after a failure.
    public init(
        identity: Identity, layout: SpoolLayout, floor: FreeFloor, fileSystem: any SpoolFileSystem = POSIXFileSystem(),
        receiver: @escaping @Sendable () -> ReceiverFigures? = { nil },
        replay: @escaping @Sendable () -> ReplayFigures? = { nil },
        ledger: @escaping @Sendable () throws -> Ledger
    ) {
        self.identity = identity
        self.layout = layout
        self.floor = floor
        self.fileSystem = fileSystem
        self.receiver = receiver
        self.replay = replay
        openLedger = ledger
    }

    /// - Throws: `SpoolError` when the disk does not tell its free space.
    public func status() async throws -> ConsoleStatus {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.read() }) }
        }
    }

    private func read() throws -> ConsoleStatus {
        let (now, replaying) = (Timestamp.now(), replay())
        let disk = try DiskFigures.look(layout, floor: floor, fileSystem: fileSystem, now: now)
        return ConsoleStatus(
            takenAt: now, startedAt: identity.startedAt, hostname: identity.hostname, version: identity.version,
            notices: Self.notices,
            receiver: receiver(), disk: disk, replay: replaying,
            ledger: readLedger(errors: replaying?.mailboxErrors ?? [:], now: now))
    }

    private func readLedger(errors: [String: String], now: Timestamp) -> LedgerReading {
        reading.withLock { reading in
            do {
                return .readable(
                    try reading.figures(
                        open: openLedger, layout: layout, fileSystem: fileSystem, errors: errors, now: now))
            } catch {
                reading.forgetLedger()
                return .unreadable("\(error)")
            }
        }
    }

    private static var notices: [String] {
        let version = Ledger.sqliteVersion
        guard version.hasWALResetBug else { return [] }
        return [
            "SQLite \(version) has the WAL-reset bug: Layover writes so that it cannot strike, other tools must not write to the Ledger."
        ]
    }
}
