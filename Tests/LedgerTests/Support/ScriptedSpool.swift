import MailModel
import Spool
import Synchronization

@testable import Ledger

/// A spool in memory: messages and acts in the order in which they were added, with an end that can be held back.
final class ScriptedSpool: LedgerSource {
    private struct State {
        var messages: [SpooledMessage] = []
        var entries: [JournalEntry] = []
        /// How many messages are stable; nil for all.
        var stable: Int?
        var pages = 0
        /// The page of messages at which reading fails, counted from 1.
        var failingPage: Int?
    }

    struct Failure: Error {}

    private let state = Mutex(State())
    private static let recordLength = 1_000

    private static func position(_ index: Int) -> SpoolPosition {
        SpoolPosition(segment: 1, offset: index * recordLength)
    }

    /// Adds a message that arrives at a time; where none is said, `index` minutes after the others began.
    @discardableResult
    func receive(
        from sender: String = "sender@example.net", to recipients: [String], subject: String = "Hello",
        messageID: String? = nil,
        length: Int = 500, client: String = "192.0.2.1", isLarge: Bool = false, at time: Timestamp? = nil,
        id given: MessageID? = nil
    ) -> MessageID {
        state.withLock { state in
            let index = state.messages.count
            let at = time ?? Timestamp(milliseconds: 1_800_000_000_000 + Int64(index) * 60_000)
            let id = given ?? MessageID(milliseconds: UInt64(at.milliseconds), random: 1, UInt64(index))
            let envelope = Envelope(
                id: id, receivedAt: at, sender: ReversePath(text: sender),
                recipients: recipients.compactMap { MailAddress($0) },
                client: client, helo: "mail.example.net", transmission: "ESMTPS", tls: "TLSv1.3")
            let header =
                "Received: by mx\r\nSubject: \(subject)\r\nMessage-ID: \(messageID ?? "<\(index)@example.net>")\r\n\r\n"
            state.messages.append(
                SpooledMessage(
                    position: Self.position(index), end: Self.position(index + 1), envelope: envelope, length: length,
                    digest: Self.digest(UInt64(index)), isLarge: isLarge, headerPrefix: Array(header.utf8)))
            return id
        }
    }

    /// Adds the record of a message once more, as reclaim does when it copies a survivor forward.
    func copyForward(_ index: Int) {
        state.withLock { state in
            var copy = state.messages[index]
            copy.position = Self.position(state.messages.count)
            copy.end = Self.position(state.messages.count + 1)
            state.messages.append(copy)
        }
    }

    static func digest(_ number: UInt64) -> SHA256Digest {
        withUnsafeBytes(of: (number, number &* 31, number &* 17, number &* 7 &+ 1)) { SHA256Digest($0) }
    }

    func journal(at time: Timestamp? = nil, _ acts: JournalAct?..., by: String = "test") {
        state.withLock { state in
            for act in acts {
                let sequence = UInt64(state.entries.count + 1)
                state.entries.append(
                    JournalEntry(
                        sequence: sequence,
                        at: time ?? Timestamp(milliseconds: 1_800_100_000_000 + Int64(sequence) * 1_000),
                        by: by, act: act))
            }
        }
    }

    func holdBack(stable: Int?) { state.withLock { $0.stable = stable } }
    func failAtPage(_ page: Int?) {
        state.withLock { state in
            state.failingPage = page
            state.pages = 0
        }
    }

    /// The message at this place in the order of arrival.
    subscript(_ index: Int) -> SpooledMessage { state.withLock { $0.messages[index] } }

    func stableEnd() throws -> SpoolPosition {
        state.withLock { Self.position($0.stable ?? $0.messages.count) }
    }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        try state.withLock { state in
            // Only pages that are to be projected: the first look at how much there is counts none.
            state.pages += withHeaderPrefix ? 1 : 0
            if withHeaderPrefix, state.pages == state.failingPage { throw Failure() }
            let first = from.segment == 0 ? 0 : from.offset / Self.recordLength
            let last = min(end.offset / Self.recordLength, first + limit)
            return SegmentPage(
                messages: Array(state.messages[first..<max(first, last)]), next: Self.position(max(first, last)),
                damage: [])
        }
    }

    func journalEnd() throws -> JournalPosition {
        state.withLock { JournalPosition(file: 0, offset: $0.entries.count) }
    }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        state.withLock { state in
            let first = min(from.offset, end.offset)
            let last = min(end.offset, first + limit)
            return JournalPage(
                entries: Array(state.entries[first..<last]), next: JournalPosition(file: 0, offset: last), damage: [])
        }
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs {
        state.withLock { state in
            var acts = ReclaimedActs()
            for index in state.entries.indices where index >= from.offset && index < end.offset {
                if case .reclaimed(let segment, _)? = state.entries[index].act {
                    acts.add(JournalPosition(file: 0, offset: index), segment: segment)
                }
            }
            return acts
        }
    }

    func contradiction(to mark: LedgerMark, _ progress: LedgerProgress) throws -> String? {
        let isShorter = try stableEnd() < progress.spool || journalEnd() < progress.journal
        return isShorter ? "shorter than it was" : nil
    }

    /// Cuts what was added last, as a backup that is restored does.
    func restore(messages: Int, acts: Int) {
        state.withLock { state in
            state.messages.removeLast(state.messages.count - messages)
            state.entries.removeLast(state.entries.count - acts)
        }
    }
}
