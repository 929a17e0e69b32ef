public import IMAPProtocol
import NIOCore

extension IMAPSession {
    /// Sizes and ids of the messages with UIDs in a range, of the mailbox that `examine` opened.
    ///
    /// Asks for `limits.uidsPerFetch` UIDs at a time and never for `n:*`. A UID that is not in the answer has no message. Costs a round trip
    /// for each 500 UIDs and some 150 bytes for each message.
    public func fetchTraces(_ range: ClosedRange<UID>) async throws -> [UID: MailboxTrace] {
        try await fetchTraces(UIDSet(range))
    }

    /// As `fetchTraces`, in one command, for a range of which most UIDs have no message.
    public func fetchTracesAtOnce(_ range: ClosedRange<UID>) async throws -> [UID: MailboxTrace] {
        try await traces(UIDSet(range))
    }

    public func fetchTraces(_ uids: UIDSet) async throws -> [UID: MailboxTrace] {
        var traces: [UID: MailboxTrace] = [:]
        for set in split(uids) {
            traces.merge(try await self.traces(set)) { $1 }
        }
        return traces
    }

    /// Asks once more for messages that the server has named and not told of: a failure need not last.
    private func traces(_ set: UIDSet) async throws -> [UID: MailboxTrace] {
        let first = try await run(.uidFetch(set, .trace), "UID FETCH") { TraceCollector(asked: set) }
        guard !first.untold.isEmpty else { return first.found }
        var traces = first.found
        try await noop()
        for again in split(UIDSet(first.untold.sorted())) {
            let second = try await run(.uidFetch(again, .trace), "UID FETCH") { TraceCollector(asked: again) }
            traces.merge(second.found) { $1.isTold || !$0.isTold ? $1 : $0 }
        }
        return traces
    }

    /// Reads messages back whole, of the mailbox that `examine` opened, and gives what proves them. Bodies are hashed as they stream by.
    ///
    /// A UID that is not in the answer could not be read: it is gone (an empty body, on Zimbra) or the server failed on it. That is
    /// "not verified", never "corrupt".
    public func fetchDigests(_ uids: some Sequence<UID>, digest: @escaping StreamingDigestFactory) async throws -> [UID:
        MailboxDigest]
    {
        var digests: [UID: MailboxDigest] = [:]
        for set in split(UIDSet(uids)) {
            let found = try await run(.uidFetch(set, .whole), "UID FETCH") {
                DigestCollector(asked: set, makeDigest: digest)
            }
            digests.merge(found) { $1 }
        }
        return digests
    }

    private func split(_ uids: UIDSet) -> [UIDSet] {
        uids.split(count: limits.uidsPerFetch, length: limits.uidSetLength)
    }
}
