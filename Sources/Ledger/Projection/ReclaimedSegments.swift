import MailModel
import Spool

/// Segments of which messages were given back, as the journal and what is left of their files tell them together.
struct ReclaimedSegments: Sendable {
    /// All messages that the segment ever held, in the order of arrival.
    struct Segment: Sendable {
        var number: Int
        var messages: [PreparedMessage]
        var damage: [SpoolDamage]
    }

    let source: any LedgerSource
    let acts: ReclaimedActs
    let journalEnd: JournalPosition

    /// The first such segment at or behind one, and before the last.
    func next(from segment: Int, before last: Int) -> Int? {
        acts.segment(from: segment).flatMap { $0 < last ? $0 : nil }
    }

    /// Reads one. Costs memory for one segment's messages, without their bytes.
    func read(_ number: Int, withHeaderPrefix: Bool = true) throws -> Segment {
        let gone = try kept(number)
        let goneIDs = Set(gone.map(\.arrived.message.id))
        var segment = Segment(number: number, messages: [], damage: [])
        // A message whose bytes are still there, because the reclaim was cut short, counts as the act says.
        let left = try records(number, withHeaderPrefix, &segment.damage).filter { !goneIDs.contains($0.id) }
        segment.messages = Self.merge(gone, left)
        return segment
    }

    private typealias Kept = (ordinal: Int, arrived: PreparedMessage)

    /// What is kept of the messages given back, by their places; the first act that names a message is right.
    private func kept(_ number: Int) throws -> [Kept] {
        var found: [MessageID: Kept] = [:]
        for position in acts.positions[number] ?? [] {
            for entry in try source.acts(from: position, end: journalEnd, limit: 1).entries {
                guard case .reclaimed(number, let messages)? = entry.act else { continue }
                for message in messages where found[message.id] == nil {
                    found[message.id] = (message.ordinal, PreparedMessage(message, segment: number, at: entry.at))
                }
            }
        }
        return found.values.sorted { ($0.ordinal, $0.arrived.message.id) < ($1.ordinal, $1.arrived.message.id) }
    }

    private func records(_ number: Int, _ withHeaderPrefix: Bool, _ damage: inout [SpoolDamage]) throws
        -> [SpooledMessage]
    {
        var messages: [SpooledMessage] = []
        var position = SpoolPosition(segment: number, offset: 0)
        let end = SpoolPosition(segment: number + 1, offset: 0)
        while position < end {
            let page = try source.messages(
                from: position, end: end, limit: LedgerLimits.messagesPerTransaction,
                withHeaderPrefix: withHeaderPrefix)
            guard page.next != position else { break }
            messages += page.messages
            damage += page.damage
            position = page.next
        }
        return messages
    }

    /// What is left of the file fills, in its order, the places that nothing given back had.
    private static func merge(_ gone: [Kept], _ left: [SpooledMessage]) -> [PreparedMessage] {
        var merged: [PreparedMessage] = []
        merged.reserveCapacity(gone.count + left.count)
        var rest = left[...]
        for (ordinal, arrived) in gone {
            while merged.count < ordinal, let next = rest.popFirst() { merged.append(PreparedMessage(next)) }
            merged.append(arrived)
        }
        return merged + rest.map { PreparedMessage($0) }
    }
}
