import MailModel
import TestKit

@testable import Spool

/// A reclaim without Ledger and mailboxes: which messages are dead is given.
struct ReclaimRun {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    let dead: Set<MessageID>

    /// G3 to G7 over all closed segments, and whatever an earlier run has left.
    func run() async throws {
        let reclaim = SegmentReclaim(layout: layout, fileSystem: fileSystem)
        let journal = try Journal(layout: layout, by: "test", fileSystem: fileSystem)
        defer { journal.close() }
        try reclaim.removeLeftovers()
        let journaled = try Self.journaled(journal)
        let closed = Set(try reclaim.segments().dropLast())
        for number in closed.union(journaled.open).sorted() {
            switch try reclaim.contents(of: number) {
            case .damaged(let damage): throw SpoolError(code: .damaged, message: "\(damage)")
            case .missing:
                let result = try reclaim.finishRemoved(large: Self.large(journaled.messages[number]))
                try await journal.append([.compacted(segment: number, kept: result.kept, freed: result.freed)])
            case .sound(let contents):
                let known = Set(journaled.messages[number]?.map(\.id) ?? [])
                let new = contents.messages.enumerated().filter { dead.contains($1.id) && !known.contains($1.id) }
                    .map { Self.reclaimed($1, ordinal: $0) }
                guard !new.isEmpty || journaled.open.contains(number) else { continue }
                if !new.isEmpty { try await journal.append([.reclaimed(segment: number, messages: new)]) }
                let all = (journaled.messages[number] ?? []) + new
                let result = try reclaim.giveBack(
                    contents, dead: Set(all.map(\.id)), large: Self.large(all)
                ) { replace in
                    try replace()
                    return true
                }
                guard let result else { continue }
                try await journal.append([.compacted(segment: number, kept: result.kept, freed: result.freed)])
            }
        }
    }

    private static func reclaimed(_ message: SpooledMessage, ordinal: Int) -> ReclaimedMessage {
        ReclaimedMessage(
            ordinal: ordinal, offset: message.position.offset,
            recordLength: message.end.offset - message.position.offset, envelope: message.envelope,
            length: message.length, digest: message.digest, isLarge: message.isLarge, subject: "a subject",
            messageID: nil)
    }

    private static func large(_ messages: [ReclaimedMessage]?) -> [MessageID] {
        (messages ?? []).filter(\.isLarge).map(\.id)
    }

    /// What the journal says: messages given back by segment, and segments that are not done.
    static func journaled(_ journal: Journal) throws -> (messages: [Int: [ReclaimedMessage]], open: Set<Int>) {
        var messages: [Int: [ReclaimedMessage]] = [:]
        var open: Set<Int> = []
        for entry in try journal.entries(from: .start, end: journal.end(), limit: 10_000).entries {
            switch entry.act {
            case .reclaimed(let segment, let gone)?:
                messages[segment, default: []] += gone
                open.insert(segment)
            case .compacted(let segment, _, _)?: open.remove(segment)
            default: break
            }
        }
        return (messages, open)
    }
}
