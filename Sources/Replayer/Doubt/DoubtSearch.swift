import IMAPProtocol
import MailModel
import Spool

/// What looking through a range of UIDs of one folder has shown of the messages of a batch.
struct DoubtSearch {
    /// Messages with the trace of an entry, by entry, in the order of their UIDs.
    var candidates: [MessageID: [UID]] = [:]
    private var range: ClosedRange<UID>?
    /// The UIDs of messages that could be looked at.
    private var seen: Set<UID> = []

    init() {}

    init(_ traces: [UID: MailboxTrace], range: ClosedRange<UID>, entries: [AppendIntent.Entry]) {
        let wanted = Set(entries.map(\.id))
        for (uid, trace) in traces {
            if let id = trace.id, wanted.contains(id) { candidates[id, default: []].append(uid) }
        }
        for id in candidates.keys { candidates[id]?.sort() }
        seen = Set(traces.filter(\.value.isTold).keys)
        self.range = range
    }

    /// Whether there are UIDs, where missing messages of the batch can have been, without a message that could be looked at: something
    /// came and went, or is not told.
    ///
    /// Messages are stored in the order in which they were sent, with rising UIDs. So when the first ones of the batch were found, what
    /// is missing can only have been above them: the gaps that Zimbra leaves between the UIDs of one batch say nothing.
    ///
    /// - Parameter end: the last UID of those that an earlier look has found.
    func hasHoles(
        behind copies: [DeliveredCopy], of entries: [AppendIntent.Entry], foundUpTo end: UInt32 = 0
    ) -> Bool {
        guard let range else { return false }
        let found = max(Self.end(of: copies, beginning: entries) ?? 0, end)
        let start = max(range.lowerBound.number, found == 0 ? 0 : found + 1)
        guard start <= range.upperBound.number else { return false }
        return seen.count { $0.number >= start } < Int(range.upperBound.number - start) + 1
    }
}

extension DoubtSearch {
    /// The last UID of copies, where they are the first of these entries and rise.
    static func end(of copies: [DeliveredCopy], beginning entries: [AppendIntent.Entry]) -> UInt32? {
        let isBeginning = zip(copies, entries).allSatisfy { $0.id == $1.id }
        let isRising = zip(copies, copies.dropFirst()).allSatisfy { $0.uid < $1.uid }
        return isBeginning && isRising ? copies.last?.uid : nil
    }

    /// The candidates that are not what was appended.
    func different(_ digests: [UID: MailboxDigest], entries: [AppendIntent.Entry]) -> [DifferentCopy] {
        entries.flatMap { entry in
            (candidates[entry.id] ?? []).filter {
                MailboxReplay.finding(digests[$0], expected: entry.digest) == .different
            }.map { DifferentCopy(id: entry.id, uid: $0, appended: entry.digest) }
        }
    }
}

/// Which candidates are copies of ours, after their digests were taken.
struct DoubtFinding {
    var copies: [DeliveredCopy] = []
    var verified: [VerifiedCopy] = []
    /// Found, and to be reported.
    var odd: [(MessageID, String)] = []
    /// Messages that carry an entry's trace and are something else: a forgery, or a copy that somebody changed.
    var foreign: Set<MessageID> = []

    /// - Parameters:
    ///   - changes: what the server has changed in a way that it is known for.
    ///   - isExact: the server gives back what it was given, so that what differs is not our copy.
    init(
        _ search: DoubtSearch, entries: [AppendIntent.Entry], digests: [UID: MailboxDigest],
        changes: [UID: String] = [:], isExact: Bool
    ) {
        for entry in entries {
            guard let uids = search.candidates[entry.id], let first = uids.first else { continue }
            let ours = uids.filter {
                MailboxReplay.finding(digests[$0], expected: entry.digest) == .exact || changes[$0] != nil
            }
            if let uid = ours.first {
                copies.append(DeliveredCopy(id: entry.id, uid: uid.number))
                verified.append(
                    VerifiedCopy(
                        id: entry.id, uid: uid.number, finding: changes[uid] == nil ? .exact : .normalised,
                        changes: changes[uid] ?? ""))
                if ours.count > 1 { odd.append((entry.id, "more than one copy is in the mailbox")) }
            } else if let unread = uids.first(where: { digests[$0] == nil }) {
                // It was there a moment ago, under our id.
                copies.append(DeliveredCopy(id: entry.id, uid: unread.number))
                odd.append((entry.id, MailboxReplay.unreadText))
            } else if isExact {
                foreign.insert(entry.id)
            } else {
                copies.append(DeliveredCopy(id: entry.id, uid: first.number))
                odd.append((entry.id, MailboxReplay.differentText))
            }
        }
    }
}
