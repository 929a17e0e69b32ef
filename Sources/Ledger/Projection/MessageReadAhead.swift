import Dispatch
import Spool
import Synchronization

/// Reads and prepares the pages that come next on a thread of its own, while the caller writes the page before them.
///
/// At most `LedgerLimits.pagesReadAhead` pages wait, so memory stays flat however long the spool is.
final class MessageReadAhead: Sendable {
    private struct State {
        var ready: [Result<PreparedPage, any Error>] = []
        var isCancelled = false
    }

    private let source: any LedgerSource
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: LedgerLimits.pagesReadAhead)
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Hands `body` each page from `from` to `end` in order. What reading throws is thrown behind the pages before it.
    static func forEach(
        of source: any LedgerSource, from: SpoolPosition, end: SpoolPosition, _ body: (PreparedPage) throws -> Void
    ) throws {
        guard from < end else { return }
        let pages = MessageReadAhead(source: source)
        DispatchQueue(label: "ledger.read-ahead", qos: .userInitiated).async { pages.read(from: from, end: end) }
        defer { pages.cancel() }
        while let page = try pages.next() { try body(page) }
    }

    private init(source: any LedgerSource) { self.source = source }

    private func read(from: SpoolPosition, end: SpoolPosition) {
        var position = from
        while true {
            room.wait()
            guard !state.withLock({ $0.isCancelled }) else { break }
            let start = position
            let page = Result {
                PreparedPage(
                    try source.messages(
                        from: start, end: end, limit: LedgerLimits.messagesReadAtOnce, withHeaderPrefix: true))
            }
            state.withLock { $0.ready.append(page) }
            filled.signal()
            // As many pages as are needed: the one that leads nowhere is the last.
            guard case .success(let read) = page, read.next != start, read.next < end else { break }
            position = read.next
        }
        state.withLock { $0.isCancelled = true }
        filled.signal()
        ended.signal()
    }

    /// Nil after the last page.
    private func next() throws -> PreparedPage? {
        filled.wait()
        let page = state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
        room.signal()
        return try page?.get()
    }

    /// Waits for the thread, so that nothing of the spool is open when the caller goes on.
    private func cancel() {
        state.withLock { $0.isCancelled = true }
        room.signal()
        ended.wait()
        // A semaphore may not go with a lower value than it came with.
        for _ in 0..<LedgerLimits.pagesReadAhead { room.signal() }
    }
}
