public import IMAPProtocol
import NIOCore

extension IMAPSession {
    /// Appends a batch in one command, as one MULTIAPPEND where there is more than one message (which needs that capability).
    ///
    /// `gate` is called while the upload already runs, and must return only when the intent is on stable storage. Until then the last octet
    /// and the CRLF are held back, without which no server stores anything. When it throws they are never sent.
    ///
    /// Returns what is known; never throws. Where the connection did not survive, the socket is closed (reset) before this returns, so no
    /// byte can go out later; see `isOpen`. Always waits for `gate`. Nothing of a message's body is copied but small parts (1 KiB).
    /// Cancelling the task does not stop a running APPEND: its outcome would be in doubt. `close()` does.
    ///
    /// The caller compares UIDVALIDITY and UIDs of `.appended` with the intent: equal, and not below its UIDNEXT.
    public func append(
        _ batch: [AppendMessage], to mailbox: MailboxName, gate: () async throws -> Void
    ) async -> AppendOutcome {
        // Where the server cannot be asked, the APPEND fails as well, behind its gate.
        let folder = (try? await place(mailbox)) ?? mailbox
        let outcome = channel.eventLoop.makePromise(of: AppendOutcome.self)
        channel.eventLoop.execute { [handler] in handler.value.append(batch, to: folder, promise: outcome) }
        do {
            try await gate()
            channel.eventLoop.execute { [handler] in handler.value.intentSynced() }
        } catch {
            let words = "\(error)"
            channel.eventLoop.execute { [handler] in handler.value.intentFailed(words) }
        }
        do {
            return try await outcome.futureResult.get()
        } catch {
            // The promise is never failed; if it were, nothing would be known.
            return .inDoubt(AppendInterruption(.connectionClosed, words: "\(error)"))
        }
    }
}
