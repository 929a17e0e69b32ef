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
    private static let manifestName = "manifest.jsonl"
    private static let manifestPart = ".manifest.jsonl.part"

    let form: ExportForm
    let directory: ExportDirectory
    let ledger: Ledger
    let reader: SpoolReader
    let plan: ExportPlan
    var meter: ExportMeter

    /// When this returns, everything that is counted as written is on stable storage.
    mutating func run() throws -> ExportReport {
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
        return report
    }

    /// - Parameter copy: the delivery that the copy is for; nil where it is for none.
    private mutating func write(
        _ deliveries: [Int64], _ writer: inout any CopyWriter, _ manifest: ExportFile, _ report: inout ExportReport,
        copy: (Int64) -> Int64?
    ) throws {
        for start in stride(from: 0, to: deliveries.count, by: Self.page) {
            let page = deliveries[start..<min(start + Self.page, deliveries.count)]
            let found = try ledger.outcomes(of: page.map(ExportPlan.message))
            let outcomes = Dictionary(found.map { ($0.sequence, $0) }) { first, _ in first }
            for delivery in page {
                guard let outcome = outcomes[ExportPlan.message(of: delivery)] else { continue }
                do {
                    let message = ExportedMessage(outcome: outcome, stored: try reader.message(at: outcome.location))
                    let recipient = copy(delivery).map { message.recipient(of: $0) }
                    let file = try writer.write(message, for: recipient, &report)
                    try manifest.write(
                        Array(ExportManifestLine(message, recipient: recipient, file: file).text.utf8))
                    report.copies += 1
                    report.bytes += message.stored.length
                } catch let error as SpoolError where error.code == .damaged || error.code == .missing {
                    report.damaged.append("\(outcome.location.id): \(error)")
                }
                meter.show(report)
            }
        }
    }
}
