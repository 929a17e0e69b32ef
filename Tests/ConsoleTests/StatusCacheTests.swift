import Synchronization
import Testing

@testable import Console

@Suite("The cached status")
struct StatusCacheTests {
    /// A moment that moves only by hand.
    final class Hand: Sendable {
        private let moment = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { moment.withLock { $0 } }
        func advance(by duration: Duration) { moment.withLock { $0 += duration } }
    }

    /// Answers when it is let.
    actor GatedSource: ConsoleSource {
        private(set) var calls = 0
        private var gate: CheckedContinuation<Void, Never>?
        private var onCall: CheckedContinuation<Void, Never>?

        func status() async throws -> ConsoleStatus {
            calls += 1
            await withCheckedContinuation { continuation in
                gate = continuation
                onCall?.resume()
                onCall = nil
            }
            return SampleStatus.healthy
        }

        /// Returns once a call is waiting.
        func untilCalled() async {
            if gate == nil { await withCheckedContinuation { onCall = $0 } }
        }

        func open() {
            gate?.resume()
            gate = nil
        }
    }

    @Test("Readers within a second cost one call; a later one costs another")
    func age() async throws {
        let (source, hand) = (FixedSource(SampleStatus.healthy), Hand())
        let cache = StatusCache(source: source, now: { hand.now })
        for _ in 0..<50 { _ = try await cache.status() }
        #expect(source.calls == 1)
        hand.advance(by: .milliseconds(999))
        _ = try await cache.status()
        #expect(source.calls == 1)
        hand.advance(by: .milliseconds(1))
        _ = try await cache.status()
        #expect(source.calls == 2)
    }

    @Test("A failure is kept for a second too")
    func failures() async throws {
        let (source, hand) = (FixedSource(failure: "no"), Hand())
        let cache = StatusCache(source: source, now: { hand.now })
        for _ in 0..<5 { await #expect(throws: FixedSource.Failure.self) { try await cache.status() } }
        #expect(source.calls == 1)
        source.set(SampleStatus.healthy)
        hand.advance(by: .seconds(1))
        #expect(try await cache.status() == SampleStatus.healthy)
    }

    @Test("Readers at the same time share one call")
    func sharing() async throws {
        // Its time stands still: a reader that comes late on a busy machine is one of these all the same.
        let (source, hand) = (GatedSource(), Hand())
        let cache = StatusCache(source: source, now: { hand.now })
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try await cache.status() } }
            await source.untilCalled()
            await source.open()
            for try await status in group { #expect(status == SampleStatus.healthy) }
        }
        #expect(await source.calls == 1)
    }

    @Test("A source that hangs is given up, then every reader is told at once, until it answers")
    func hanging() async throws {
        // Its time stands still: an answer that is read late on a busy machine must not be too old to be given.
        let (source, hand) = (GatedSource(), Hand())
        let cache = StatusCache(source: source, clock: ImpatientClock(), now: { hand.now })
        for _ in 0..<3 {
            let error = await #expect(throws: ConsoleError.self) { try await cache.status() }
            #expect(error?.code == .slow)
        }
        await source.untilCalled()
        #expect(await source.calls == 1)
        await source.open()
        var status: ConsoleStatus?
        while status == nil {
            status = try? await cache.status()
            await Task.yield()
        }
        #expect(status == SampleStatus.healthy)
    }
}
