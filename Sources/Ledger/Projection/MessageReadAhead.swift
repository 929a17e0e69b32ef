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

    private let pages: MessagePages
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: LedgerLimits.pagesReadAhead)
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Hands `body` each page from `from` on in order. What reading throws is thrown behind the pages before it.
    static func forEach(of pages: MessagePages, from: SpoolPosition, _ body: (PreparedPage) throws -> Void) throws {
        let readAhead = MessageReadAhead(pages: pages)
        DispatchQueue(label: "ledger.read-ahead", qos: .userInitiated).async { readAhead.read(from: from) }
        defer { readAhead.cancel() }
        while let page = try readAhead.next() { try body(page) }
    }

    private init(pages: MessagePages) { self.pages = pages }

    private func read(from: SpoolPosition) {
        var position = from
        while true {
            room.wait()
            guard !state.withLock({ $0.isCancelled }) else { break }
            let start = position
            let result = Result { try pages.next(from: start, limit: LedgerLimits.messagesReadAtOnce) }
            if case .success(nil) = result { break }
            let page = result.flatMap { page in page.map(Result.success) ?? .failure(CancellationError()) }
            state.withLock { $0.ready.append(page) }
            filled.signal()
            guard case .success(let read) = page else { break }
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
