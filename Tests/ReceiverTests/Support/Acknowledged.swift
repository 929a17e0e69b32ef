import Synchronization

/// What clients were told is safe: the body of each message under the id that its 250 gave.
final class Acknowledged: Sendable {
    private let messages = Mutex<[String: String]>([:])

    func add(_ reply: String, _ body: String) {
        // The id is the last word of the reply and 26 characters long.
        messages.withLock { $0[String(reply.suffix(26))] = body }
    }

    var bodies: [String: String] { messages.withLock { $0 } }
}
