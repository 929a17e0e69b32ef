import Ledger
import MailModel
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// A copied spool directory as a source: its segments, large files and journal, read by an index of its own that goes when the
/// import ends. Nothing in the copy is changed.
final class SpoolCopySource: ImportSource {
    private static let page = 200

    private let copy: SpoolCopy
    private let ledger: Ledger
    private let scratch: String
    private let sequences: [Int64]
    private var position = 0
    private(set) var damaged: [String] = []
    private let damagedPlaces: [String]

    var count: Int { sequences.count }
    var unnamed: Set<String> { [] }

    /// - Parameter scratch: a directory that is made for the index, and removed.
    init(_ copy: SpoolCopy, scratch: String, rules: AddressRules) throws {
        guard try !copy.isInUse() else {
            throw CommandError(
                .temporary, "\(copy.layout.directory) is in use by another Layover; stop it, or import a copy")
        }
        let journalDamage = try copy.journalDamage()
        guard journalDamage.isEmpty else {
            throw CommandError(
                .badData,
                "the journal of \(copy.layout.directory) is damaged (\(journalDamage[0])): what was delivered from there cannot be known; restore it from a backup"
            )
        }
        self.copy = copy
        self.scratch = scratch
        Self.remove(scratch)
        let ledger = try Ledger.open(
            copy: copy, scratch: SpoolLayout(directory: scratch), rules: rules)
        let places = try Self.damage(in: copy)
        sequences = try ledger.exportPlan(AuditFilter()).messages
        self.ledger = ledger
        damagedPlaces = places
        damaged = places
    }

    deinit {
        ledger.close()
        Self.remove(scratch)
    }

    private static func damage(in copy: SpoolCopy) throws -> [String] {
        var (position, damage) = (SpoolPosition.start, [String]())
        let end = try copy.end()
        while true {
            let page = try copy.reader.messages(from: position, end: end, limit: 10_000)
            damage += page.damage.map(\.description)
            guard page.next != position else { return damage }
            position = page.next
        }
    }

    func rewind() { (position, damaged) = (0, damagedPlaces) }

    func next() throws -> [ImportCandidate] {
        var page: [ImportCandidate] = []
        while page.isEmpty, position < sequences.count {
            let numbers = Array(sequences[position..<min(position + Self.page, sequences.count)])
            position += numbers.count
            for outcome in try ledger.outcomes(of: numbers) {
                do {
                    page.append(try candidate(outcome))
                } catch let error as SpoolError where error.code == .damaged || error.code == .missing {
                    damaged.append("\(outcome.location.id): \(error)")
                }
            }
        }
        return page
    }

    private func candidate(_ outcome: MessageOutcome) throws -> ImportCandidate {
        let (message, reader) = (try copy.reader.message(at: outcome.location), copy.reader)
        return ImportCandidate(
            envelope: message.envelope,
            deliveries: outcome.deliveries.map {
                .init(state: $0.state.word, isDoubtful: $0.isDoubtful, mailbox: $0.mailbox)
            },
            length: message.length, digest: message.digest
        ) { try reader.content(of: message, $0) }
    }

    private static func remove(_ directory: String) {
        let disk = POSIXFileSystem()
        for name in (try? disk.list(directory)) ?? [] {
            let path = "\(directory)/\(name)"
            if unlink(path) != 0 { remove(path) }
        }
        rmdir(directory)
    }
}
