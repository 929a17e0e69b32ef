import MailModel

/// What one file holds, and where its true end is (Durability R3–R5).
struct RecordSurvey {
    /// What is made of whole records behind damage that no record knows to have been synced.
    enum Rule {
        /// A segment. Each is kept: it may have been acknowledged, and one that was not is only a second copy. What lies below
        /// `published` was on stable storage, whatever the records know.
        case keepsWhole(published: Int)
        /// The journal. None is kept: an act follows from those before it.
        case endsAtDamage
    }

    /// What the whole records up to some place amount to. Not the records themselves: there may be 200,000 in a segment.
    private struct Tally {
        var messages = 0
        var newestID: MessageID?
        var last: ScannedRecord?

        mutating func count(_ record: ScannedRecord) {
            last = record
            guard record.header.kind != .seal, let id = MessageID(bytes: record.header.name) else { return }
            messages += 1
            newestID = max(newestID ?? id, id)
        }
    }

    /// Where the file truly ends: its size, or the first byte of a torn end.
    let end: Int
    /// As `end`, without what was published: where those find it who have the file alone.
    let endByRecords: Int
    /// Damage before the end: bytes that were on stable storage once and have changed.
    let corruption: [SpoolDamage]
    /// Damage before the end of which nobody can say whether it was on stable storage, or torn before anybody was told.
    let undecided: [SpoolDamage]
    private let tally: Tally

    /// Whole messages (acts, in the journal) before the end.
    var messages: Int { tally.messages }
    /// The newest id among them.
    var newestID: MessageID? { tally.newestID }
    /// The last whole record before the end.
    var last: ScannedRecord? { tally.last }

    /// Reads the file from `firstRecord` to `size`, with the digests of all messages and acts.
    static func take(
        of file: any SpoolFile, path: String, nonce: [UInt8], firstRecord: Int, size: Int, rule: Rule
    ) throws -> RecordSurvey {
        var scanner = RecordScanner(file: file, nonce: nonce, from: firstRecord, end: size, verifiesMessages: true)
        var tally = Tally()
        var damage: [(damage: SpoolDamage, tallyBefore: Tally)] = []
        // R3. Headers behind damage count too: what they say was synced was synced.
        var high = 0
        while let item = try scanner.next() {
            switch item {
            case .record(let record):
                high = max(high, record.header.synced)
                tally.count(record)
            case .damage(let offset, let length, let finding, let synced):
                high = max(high, synced)
                damage.append((SpoolDamage(file: path, offset: offset, length: length, finding: finding), tally))
            }
        }
        // R4. Damage at or above everything that is known to have been synced begins a torn end; in a segment, where no whole
        //     record stands behind it.
        var (floor, published) = (high, 0)
        if case .keepsWhole(let position) = rule {
            floor = max(high, tally.last?.offset ?? 0)
            published = position
        }
        let torn = damage.first { $0.damage.offset >= max(floor, published) }
        let end = torn?.damage.offset ?? size
        let kept = damage.map(\.damage).filter { $0.offset < end }
        let synced = max(high, published)
        return RecordSurvey(
            end: end, endByRecords: damage.first { $0.damage.offset >= floor }?.damage.offset ?? size,
            corruption: kept.filter { $0.offset < synced }, undecided: kept.filter { $0.offset >= synced },
            tally: torn?.tallyBefore ?? tally)
    }
}
