import MailModel
import NIOCore

/// One APPEND of one or more messages (RFC 3501 §6.3.11, RFC 3502), with a gate before the octets that make the server commit.
///
///     C: L4 APPEND "INBOX" "21-Nov-2026 10:00:00 +0000" {310+}
///     C: …310 octets… "21-Nov-2026 10:00:02 +0000" {200000}
///     S: + OK
///     C: …199999 octets…                   all but the last: nothing can be stored yet
///        intentSynced()
///     C: the last octet and CRLF           the token: from here on the server may commit at any time
///     S: L4 OK [APPENDUID 1 257:258] APPEND completed
///
/// Pure: feed it what happened, do what the action says. After `.finish` every event answers `.wait`.
public struct AppendStateMachine: Sendable {
    private enum State {
        /// Nothing was written.
        case ready
        /// The header of the message at `index` was written, none of its octets. Leaves on `+`, or by a tagged NO or BAD.
        case awaitingContinuation(index: Int)
        /// All but the token was handed out; the intent is not known to be durable. The server cannot have stored anything.
        case holding
        /// The token was handed out: whatever happens now, only the tagged answer tells what the server did.
        case tokenSent
        case finished
    }

    private let tag: IMAPTag
    private let command: ByteBuffer
    private let items: [AppendItem]
    private let capabilities: Capabilities
    private let limits: AppendLimits
    private var state = State.ready
    private var isIntentSynced = false
    private var lastWords = ""
    private var saidBye = false

    /// Throws `IMAPEncodeError` for a batch that cannot be sent.
    public init(
        tag: IMAPTag, mailbox: MailboxName, items: [AppendItem], capabilities: Capabilities,
        limits: AppendLimits = AppendLimits()
    ) throws {
        guard !items.isEmpty else { throw IMAPEncodeError(.emptyBatch) }
        guard items.allSatisfy({ $0.size > 0 }) else { throw IMAPEncodeError(.emptyMessage) }
        guard items.count == 1 || capabilities.hasMultiAppend else { throw IMAPEncodeError(.multiAppendUnsupported) }
        var encoder = CommandEncoder(tag: tag)
        encoder.word("APPEND")
        try encoder.mailbox(mailbox)
        guard let command = encoder.text else { throw IMAPEncodeError(.mailboxNameNotASCII) }
        self.tag = tag
        self.command = command
        self.items = items
        self.capabilities = capabilities
        self.limits = limits
    }

    /// Whether the server waits for nothing more, or for the token only.
    public var isTokenSent: Bool {
        if case .tokenSent = state { true } else { false }
    }

    /// Whether only a `+` lets the upload go on.
    public var isAwaitingContinuation: Bool {
        if case .awaitingContinuation = state { true } else { false }
    }

    /// Begins the upload. Call once.
    public mutating func start() -> AppendAction {
        guard case .ready = state else { return .wait }
        return write(from: 0, pieces: [])
    }

    /// The intent is on stable storage: the token may go, at once or when the rest has gone.
    public mutating func intentSynced() -> AppendAction {
        isIntentSynced = true
        guard case .holding = state else { return .wait }
        state = .tokenSent
        return .write([.token])
    }

    /// The intent could not be made durable. The token will not go.
    public mutating func intentFailed(_ words: String) -> AppendAction {
        switch state {
        case .ready, .awaitingContinuation, .holding: interrupt(AppendInterruption(.intentFailed, words: words))
        case .tokenSent, .finished: .wait
        }
    }

    public mutating func connectionClosed(_ words: String = "") -> AppendAction {
        interrupt(AppendInterruption(saidBye ? .bye : .connectionClosed, words: lastWords.isEmpty ? words : lastWords))
    }

    public mutating func timedOut() -> AppendAction {
        interrupt(AppendInterruption(.timedOut, words: lastWords))
    }

    /// A response could not be read.
    public mutating func receivedGarbage(_ words: String) -> AppendAction {
        interrupt(AppendInterruption(.protocolViolation, words: words))
    }

    public mutating func received(_ response: IMAPResponse) -> AppendAction {
        if case .finished = state { return .wait }
        switch response {
        case .untagged(let untagged): return received(untagged)
        case .continuation(let text): return receivedContinuation(text)
        case .tagged(let tagged): return received(tagged)
        }
    }
}

extension AppendStateMachine {
    /// Hands out headers and messages from `index` on, as far as no `+` is needed.
    private mutating func write(from first: Int, pieces: [AppendPiece]) -> AppendAction {
        var pieces = pieces
        for index in first..<items.count {
            let isUnasked = limits.mayGoUnasked(items[index].size, capabilities)
            pieces.append(.text(header(index, isUnasked: isUnasked)))
            guard isUnasked else {
                state = .awaitingContinuation(index: index)
                return .write(pieces)
            }
            pieces.append(octets(index))
        }
        return hold(pieces)
    }

    private mutating func hold(_ pieces: [AppendPiece]) -> AppendAction {
        guard isIntentSynced else {
            state = .holding
            return .write(pieces)
        }
        state = .tokenSent
        return .write(pieces + [.token])
    }

    /// ` "21-Nov-2026 10:00:00 +0000" {310+}`, after the command's first words where it is the first.
    private func header(_ index: Int, isUnasked: Bool) -> ByteBuffer {
        var text = index == 0 ? command : ByteBuffer()
        text.writeString(" \"\(items[index].date.imapDateTime)\" {\(items[index].size)\(isUnasked ? "+" : "")}\r\n")
        return text
    }

    /// All octets of a message, or all but one of the last.
    private func octets(_ index: Int) -> AppendPiece {
        .message(index: index, 0..<(index == items.count - 1 ? items[index].size - 1 : items[index].size))
    }

    private mutating func receivedContinuation(_ text: ResponseText) -> AppendAction {
        switch state {
        case .awaitingContinuation(let index):
            let pieces = [octets(index)]
            return index == items.count - 1 ? hold(pieces) : write(from: index + 1, pieces: pieces)
        case .ready, .holding:
            return interrupt(
                AppendInterruption(.protocolViolation, words: "a continuation that was not asked for: \(text.words)"))
        case .tokenSent, .finished: return .wait
        }
    }

    private mutating func received(_ untagged: UntaggedResponse) -> AppendAction {
        switch untagged {
        case .bye(let text):
            lastWords = text.words
            saidBye = true
            guard !isTokenSent else { return .wait }
            return interrupt(AppendInterruption(.bye, words: text.words))
        case .condition(let status, let text) where status != .ok:
            // Zimbra says `* BAD Unknown Error` before it closes.
            lastWords = text.words
            return .wait
        default: return .wait
        }
    }

    private mutating func received(_ tagged: TaggedResponse) -> AppendAction {
        guard tagged.tag == tag else {
            return interrupt(
                AppendInterruption(.protocolViolation, words: "an answer to \(tagged.tag), which is not running"))
        }
        defer { state = .finished }
        switch (state, tagged.status) {
        case (.tokenSent, .ok): return .finish(accepted(tagged.text.code), saidBye ? .close : .keep)
        case (_, .ok):
            // It says it has stored what it has not wholly been given. No outcome but doubt covers every such server.
            return .finish(
                .inDoubt(AppendInterruption(.protocolViolation, words: "OK before the end of the command")), .close)
        case (.tokenSent, let status): return .finish(refused(status, tagged.text, tokenWasSent: true), fate(status))
        case (.awaitingContinuation, let status):
            // RFC 7888 §3: instead of `+`; nothing more of this command may follow.
            return .finish(refused(status, tagged.text, tokenWasSent: false), fate(status))
        case (_, let status):
            // The literal would have to be completed before another command, and completing it could commit it.
            return .finish(refused(status, tagged.text, tokenWasSent: false), .close)
        }
    }

    /// After BAD, Zimbra drops what it has read ahead: the connection is not worth keeping.
    private func fate(_ status: ResponseStatus) -> ConnectionFate { status == .bad || saidBye ? .close : .keep }

    private func refused(_ status: ResponseStatus, _ text: ResponseText, tokenWasSent: Bool) -> AppendOutcome {
        .refused(AppendRefusal(status: status, text: text, tokenWasSent: tokenWasSent))
    }

    private func accepted(_ code: ResponseCode?) -> AppendOutcome {
        guard case .appendUID(let validity, let uids)? = code, uids.count == items.count,
            zip(uids, uids.dropFirst()).allSatisfy({ $0 < $1 })
        else { return .appendedWithoutUIDs }
        return .appended(validity, uids)
    }

    private mutating func interrupt(_ interruption: AppendInterruption) -> AppendAction {
        defer { state = .finished }
        switch state {
        case .finished: return .wait
        case .tokenSent: return .finish(.inDoubt(interruption), .close)
        case .ready, .awaitingContinuation, .holding: return .finish(.notAppended(interruption), .close)
        }
    }
}
