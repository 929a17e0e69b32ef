import MailModel
import Spool
import Synchronization

/// Messages that are handed to the writer together, so that they share syncs as mail from the network does.
struct ImportBatch {
    /// At most so many bytes wait in memory.
    private static let bytes = 8 << 20
    private static let messages = 500

    private var commits: [MessageCommit] = []
    private var size = 0

    var isFull: Bool { size >= Self.bytes || commits.count >= Self.messages }

    /// - Parameter memory: bytes that the message holds in memory.
    mutating func add(_ envelope: Envelope, _ content: MessageCommit.Content, _ digest: SHA256Digest, memory: Int) {
        commits.append(MessageCommit(envelope: envelope, content: content, digest: digest) { _ in })
        size += memory
    }

    /// When this returns, every message of the batch is on stable storage, and the batch is empty. Throws where the disk says no.
    mutating func commit(to writer: SegmentWriter) async throws {
        guard !commits.isEmpty else { return }
        let batch = commits
        (commits, size) = ([], 0)
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<SpoolError?, Never>) in
            let answers = BatchAnswers(count: batch.count)
            for var commit in batch {
                commit.completion = { error in
                    if let last = answers.take(error) { continuation.resume(returning: last.failure) }
                }
                writer.submit(commit)
            }
        }
        if let failure { throw failure }
    }
}

/// The writer's answers to one batch.
private final class BatchAnswers: Sendable {
    /// How the batch ended.
    struct Ending {
        var failure: SpoolError?
    }

    private struct State {
        var count: Int
        var failure: SpoolError?
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(count: count)) }

    /// Nil until the last answer.
    func take(_ error: SpoolError?) -> Ending? {
        state.withLock { state in
            state.count -= 1
            if state.failure == nil { state.failure = error }
            return state.count == 0 ? Ending(failure: state.failure) : nil
        }
    }
}
