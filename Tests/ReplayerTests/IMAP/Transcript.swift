import Synchronization

/// What a double has heard, read by the test while it still listens.
final class Transcript: Sendable {
    private let heard = Mutex([UInt8]())

    var bytes: [UInt8] { heard.withLock { $0 } }

    func append(_ bytes: some Sequence<UInt8>) { heard.withLock { $0 += bytes } }
}

extension [UInt8] {
    func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }

    func hasSuffix(_ end: some Collection<UInt8>) -> Bool { count >= end.count && suffix(end.count).elementsEqual(end) }
}
