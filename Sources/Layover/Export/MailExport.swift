import Ledger
import MailModel
import Spool

/// Writes the copies of a plan into a directory, and the manifest last.
///
/// Memory does not grow with the size of a message, and by some bytes only with each message. What is delivered meanwhile may
/// stand in the manifest as it was or as it is; each line is true for one moment.
struct MailExport {
    /// Messages that the Ledger is asked for at once.
    private static let page = 500
    private static let manifestName = ManifestSource.manifestName
    private static let manifestPart = ".manifest.jsonl.part"

    let form: ExportForm
    let directory: ExportDirectory
    let ledger: Ledger
    let reader: SpoolReader
    let plan: ExportPlan
    var meter: ExportMeter

    /// When this returns, everything that is counted as written is on stable storage. Throws, with nothing written, where the
    /// directory holds another export.
    mutating func run() throws -> ExportReport {
        try begin()
        var report = ExportReport()
        var writer = form.writer(directory, reader)
        let manifest = try directory.create(Self.manifestPart)
        if form.hasFolders {
            for folder in plan.folders {
                try writer.begin(folder: folder.address, &report)
                try write(folder.deliveries, &writer, manifest, &report) { $0 }
                try writer.end(&report)
            }
        } else {
            try write(plan.messages.map { $0 << ExportPlan.ordinalBits }, &writer, manifest, &report) { _ in nil }
            try writer.end(&report)
        }
        meter.end()
        try manifest.sync()
        // A manifest tells of files that are all there: where a name was taken, there is none.
        guard report.taken.isEmpty else {
            directory.remove(Self.manifestPart)
            return report
        }
        report.count(
            try directory.publish(Self.manifestPart, as: Self.manifestName),
            of: "\(directory.path)/\(Self.manifestName)")
        try directory.sync()
        // With its manifest the export is whole.
        if report.taken.isEmpty {
            directory.remove(ExportMark.name)
            try directory.sync()
        }
        return report
    }

    /// Goes on only in a directory without another export, and marks it as that of this one.
    private func begin() throws {
        if directory.has(Self.manifestName) {
            guard try isSame(as: directory.open(Self.manifestName)) else {
                throw refusal("holds an export of other mail, or of which other things have become since")
            }
        }
        let mark = ExportMark(try digest())
        switch try ExportMark(in: directory) {
        case nil: try mark.write(to: directory)
        case mark: return
        default: throw refusal("holds the beginning of an export of other mail")
        }
    }

    private func refusal(_ words: String) -> CommandError {
        CommandError(.badData, "\(directory.path) \(words): nothing was written; export into a new directory")
    }

    /// Of the form, and of which message is written for whom.
    private func digest() throws -> SHA256Digest {
        let hasher = SHA256Hasher()
        let add = { (text: String) in Array(text.utf8).withUnsafeBytes { hasher.update($0) } }
        add("\(form.rawValue)\n")
        try forEachCopy { outcome, copy in
            add("\(outcome.location.id) \(copy.map { ExportPlan.ordinal(of: $0) } ?? -1)\n")
        }
        return hasher.finish()
    }

    /// Whether a manifest says what this export's would say. Messages that are damaged by now may be missing in it.
    private func isSame(as manifest: ExportFile) throws -> Bool {
        var lines = ManifestLines { _ in try manifest.read(1 << 20) }
        func nextLine() throws -> ExportManifestLine? {
            guard let text = try lines.next() else { return nil }
            guard var line = try? ExportManifestLine.decode(text) else { throw UnknownLine() }
            line.file = ""
            return line
        }
        do {
            var (isSame, next) = (true, try nextLine())
            try forEachCopy { outcome, copy in
                guard isSame, let message = try? message(outcome) else { return }
                let recipient = copy.map { message.recipient(of: $0) }
                if next == ExportManifestLine(message, recipient: recipient, file: "") {
                    next = try nextLine()
                } else {
                    isSame = (try? reader.content(of: message.stored) { _ in }) == nil
                }
            }
            return isSame && next == nil
        } catch is UnknownLine {
            return false
        }
    }

    /// A line that is none of this version's manifests.
    private struct UnknownLine: Error {}

    private func message(_ outcome: MessageOutcome) throws -> ExportedMessage {
        ExportedMessage(outcome: outcome, stored: try reader.message(at: outcome.location))
    }

    /// Every copy in the order in which it is written, with the delivery that it is for; nil where it is for none.
    private func forEachCopy(_ body: (MessageOutcome, Int64?) throws -> Void) throws {
        guard form.hasFolders else {
            return try forEach(plan.messages.map { $0 << ExportPlan.ordinalBits }) { outcome, _ in
                try body(outcome, nil)
            }
        }
        for folder in plan.folders {
            try forEach(folder.deliveries) { try body($0, $1) }
        }
    }

    private func forEach(_ deliveries: [Int64], _ body: (MessageOutcome, Int64) throws -> Void) throws {
        for start in stride(from: 0, to: deliveries.count, by: Self.page) {
            let page = deliveries[start..<min(start + Self.page, deliveries.count)]
            let found = try ledger.outcomes(of: page.map(ExportPlan.message))
            let outcomes = Dictionary(found.map { ($0.sequence, $0) }) { first, _ in first }
            for delivery in page {
                if let outcome = outcomes[ExportPlan.message(of: delivery)] { try body(outcome, delivery) }
            }
        }
    }

    /// - Parameter copy: the delivery that the copy is for; nil where it is for none.
    private mutating func write(
        _ deliveries: [Int64], _ writer: inout any CopyWriter, _ manifest: ExportFile, _ report: inout ExportReport,
        copy: (Int64) -> Int64?
    ) throws {
        try forEach(deliveries) { outcome, delivery in
            do {
                let message = try message(outcome)
                let recipient = copy(delivery).map { message.recipient(of: $0) }
                let file = try writer.write(message, for: recipient, &report)
                try manifest.write(Array(ExportManifestLine(message, recipient: recipient, file: file).text.utf8))
                report.copies += 1
                report.bytes += message.stored.length
            } catch let error as SpoolError where error.code == .damaged || error.code == .missing {
                report.damaged.append("\(outcome.location.id): \(error)")
            }
            meter.show(report)
        }
    }
}
