import MailModel

/// Asks a source for many readers: at most once in `age`, never twice at a time, and for nobody longer than `patience`.
///
/// A source that hangs is left hanging (its call cannot be taken back); until it answers, every reader is told at once.
actor StatusCache: ConsoleSource {
    private let source: any ConsoleSource
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let age: Duration
    private let patience: Duration

    private var last: (result: Result<ConsoleStatus, any Error>, at: ContinuousClock.Instant)?
    private var waiting: [CheckedContinuation<ConsoleStatus, any Error>] = []
    /// The number of the call under way; nil when there is none.
    private var call: Int?
    private var calls = 0
    private var isOverdue = false

    /// - Parameters:
    ///   - clock: measures `patience`.
    ///   - now: measures `age`.
    init(
        source: any ConsoleSource, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        age: Duration = ConsoleLimits.statusAge, patience: Duration = ConsoleLimits.statusPatience
    ) {
        self.source = source
        self.clock = clock
        self.now = now
        self.age = age
        self.patience = patience
    }

    /// - Throws: what the source threw, or `ConsoleError` `.slow`.
    func status() async throws -> ConsoleStatus {
        if isOverdue { throw overdue }
        if let last, now() - last.at < age { return try last.result.get() }
        if call == nil { ask() }
        return try await withCheckedThrowingContinuation { waiting.append($0) }
    }

    private func ask() {
        calls += 1
        let number = calls
        call = number
        let limit = Task { [clock, patience] in
            guard (try? await clock.sleep(for: patience)) != nil else { return }
            self.giveUp(number)
        }
        Task { [source] in
            let result: Result<ConsoleStatus, any Error>
            do { result = .success(try await source.status()) } catch { result = .failure(error) }
            limit.cancel()
            self.finish(with: result)
        }
    }

    private func finish(with result: Result<ConsoleStatus, any Error>) {
        call = nil
        isOverdue = false
        last = (result, now())
        answer(with: result)
    }

    private func giveUp(_ number: Int) {
        guard call == number else { return }
        isOverdue = true
        answer(with: .failure(overdue))
    }

    private func answer(with result: Result<ConsoleStatus, any Error>) {
        let readers = waiting
        waiting = []
        for reader in readers { reader.resume(with: result) }
    }

    private var overdue: ConsoleError {
        ConsoleError(code: .slow, message: "nothing was heard for \(patience): the disk or the Ledger hangs")
    }
}
