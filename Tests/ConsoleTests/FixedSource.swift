import Console
import Synchronization

/// Says what it was told to, and counts how often it was asked.
final class FixedSource: ConsoleSource {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let result: Mutex<Result<ConsoleStatus, Failure>>
    private let count = Atomic(0)

    init(_ status: ConsoleStatus) { result = Mutex(.success(status)) }
    init(failure: String) { result = Mutex(.failure(Failure(description: failure))) }

    var calls: Int { count.load(ordering: .relaxed) }
    func set(_ status: ConsoleStatus) { result.withLock { $0 = .success(status) } }

    func status() async throws -> ConsoleStatus {
        count.add(1, ordering: .relaxed)
        return try result.withLock { $0 }.get()
    }
}
