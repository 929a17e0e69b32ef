import Spool
import Synchronization

/// The failures that end the receiver: who takes mail hears of them, and the first is remembered for the end of one that is ending
/// anyway.
final class EndingFailures: Sendable {
    /// Read once, while mail is taken.
    let stream: AsyncStream<SpoolError>
    private let source: AsyncStream<SpoolError>.Continuation
    private let remembered = Mutex<SpoolError?>(nil)

    init() { (stream, source) = AsyncStream.makeStream(of: SpoolError.self) }

    /// Called from any thread.
    func report(_ failure: SpoolError) {
        remembered.withLock { $0 = $0 ?? failure }
        source.yield(failure)
    }

    /// Nil while all is well.
    var first: SpoolError? { remembered.withLock { $0 } }
}
