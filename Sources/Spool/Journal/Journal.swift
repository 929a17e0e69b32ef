import MailModel
import Synchronization

/// The record of every act: appended in groups by a thread of its own, read by anybody.
///
/// Several processes may append; each group is written under the journal's lock. After a failed write or sync this object
/// appends nothing more.
public final class Journal: Sendable {
    public let layout: SpoolLayout
    private let by: String
    /// Bytes of one act's content.
    private let maximumLength: Int
    let fileSystem: any SpoolFileSystem
    private let appender: JournalAppender
    private let queue = GroupQueue<JournalAppender.Request>()
    private let thread = Mutex<SpoolThread?>(nil)

    /// - Parameter by: who acts, as it will stand in each record: a role (`replay`) or the operating-system user of a command.
    public init(
        layout: SpoolLayout, by: String, fileSystem: any SpoolFileSystem = POSIXFileSystem(),
        limits: SpoolLimits = SpoolLimits()
    ) throws {
        self.layout = layout
        self.by = by
        maximumLength = min(limits.actSize.bytes, RecordHeader.maximumEnvelopeLength)
        self.fileSystem = fileSystem
        appender = JournalAppender(JournalTailKeeper(layout: layout, fileSystem: fileSystem, limits: limits))
        try layout.create(fileSystem)
    }

    deinit { close() }

    /// Appends acts in their order. When this returns they are on stable storage; when it throws, nothing may be done upon them.
    @discardableResult
    public func append(_ acts: [JournalAct]) async throws -> JournalPosition {
        let contents = try encode(acts)
        try startThread()
        return try await withCheckedThrowingContinuation { continuation in
            let request = JournalAppender.Request(contents: contents) { continuation.resume(with: $0) }
            if !queue.append(request) {
                request.done(.failure(SpoolError(code: .closed, message: "the journal is closed")))
            }
        }
    }

    /// As `append`, on the calling thread, which it blocks.
    @discardableResult
    public func appendBlocking(_ acts: [JournalAct]) throws -> JournalPosition {
        let contents = try encode(acts)
        let result = Mutex<Result<JournalPosition, SpoolError>?>(nil)
        appender.write([
            JournalAppender.Request(contents: contents) { outcome in result.withLock { $0 = outcome } }
        ])
        guard let outcome = result.withLock({ $0 }) else {
            throw SpoolError(code: .io, message: "the journal did not say whether it took the act")
        }
        return try outcome.get()
    }

    private func encode(_ acts: [JournalAct]) throws -> [[UInt8]] {
        let now = Timestamp.now()
        let contents = acts.map { JournalContent.encode($0, at: now, by: by) }
        guard contents.allSatisfy({ $0.count <= maximumLength }) else {
            throw SpoolError(code: .tooLarge, message: "an act of more than \(ByteCount(maximumLength)); split it")
        }
        return contents
    }

    private func startThread() throws {
        try thread.withLock { thread in
            guard thread == nil else { return }
            thread = try SpoolThread.start(name: "layover-journal") { [queue, appender] in
                while let requests = queue.takeAll() { appender.write(requests) }
            }
        }
    }

    /// Where the journal ends. Everything before it is on stable storage, whoever wrote it.
    public func end() throws -> JournalPosition { try appender.end() }

    /// As `end`, for a reader who has read up to `known`, which was stable then: where no file has grown behind it, nothing is
    /// examined again.
    public func end(beyond known: JournalPosition) throws -> JournalPosition {
        let last = try fileSystem.numbers(in: layout.journal, suffix: ".jnl").last
        if let last, last == known.file, try fileSystem.open(layout.journalFile(last), .readOnly).size() == known.offset
        {
            return known
        }
        return try end()
    }

    /// Acts from `from` up to `end`, at most `limit`. The chain is followed within each file; breaks of it are reported as damage.
    public func entries(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        try journalReader.entries(from: from, end: end, limit: limit)
    }

    var journalReader: JournalReader { JournalReader(layout: layout, fileSystem: fileSystem) }

    /// Ends the journal's thread after what was asked for is written.
    public func close() {
        queue.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }
}

/// Writes groups of acts behind the journal's tail, under the journal's lock.
final class JournalAppender: Sendable {
    struct Request: Sendable {
        var contents: [[UInt8]]
        var done: @Sendable (Result<JournalPosition, SpoolError>) -> Void
    }

    private struct State {
        let keeper: JournalTailKeeper
        var tail: JournalTail?
        var failure: SpoolError?
    }

    private let layout: SpoolLayout
    private let state: Mutex<State>

    init(_ keeper: sending JournalTailKeeper) {
        layout = keeper.layout
        state = Mutex(State(keeper: keeper))
    }

    /// J1–J4 for one group; tells every request how it ended.
    func write(_ requests: [Request]) {
        let result: Result<JournalPosition, SpoolError> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            do {
                return .success(try write(requests.flatMap(\.contents), &state))
            } catch {
                let failure = error as? SpoolError ?? SpoolError(code: .io, message: "\(error)")
                state.failure = failure
                return .failure(failure)
            }
        }
        for request in requests { request.done(result) }
    }

    private func write(_ contents: [[UInt8]], _ state: inout State) throws -> JournalPosition {
        // J1; J4 when this scope ends.
        let lock = try SpoolLock.acquire(layout: layout, name: .journal, wait: true)
        defer { lock?.release() }
        var tail = try state.keeper.writable(state.keeper.current(state.tail))
        state.tail = nil
        try state.keeper.append(contents, to: &tail)
        state.tail = tail
        return tail.position
    }

    func end() throws -> JournalPosition {
        try state.withLock { state in
            let lock = try SpoolLock.acquire(layout: layout, name: .journal, wait: true)
            defer { lock?.release() }
            state.tail = try state.keeper.current(state.tail)
            return state.tail?.position ?? .start
        }
    }
}
