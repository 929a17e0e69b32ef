public import MailModel

/// What a start found in the last segment.
public struct RecoveryReport: Sendable, Hashable {
    /// Where everything recovered ends; nil where there is no segment yet.
    public var end: SpoolPosition?
    /// Messages in the last segment.
    public var messages = 0
    /// The newest id among them.
    public var newestID: MessageID?
    /// Where readers find the end, who have the file alone. Before `end` where only what was published tells that the last bytes
    /// were on stable storage.
    public var endByRecords: SpoolPosition?
    /// Bytes of a torn end: nothing says that any of them was acknowledged. 0 after an orderly stop.
    public var tornBytes = 0
    /// Where a copy of the torn end is kept.
    public var tornCopy: String?
    /// Damage to bytes that were on stable storage once.
    public var damage: [SpoolDamage] = []
    /// Damage in the last group, before whole records: torn by a power cut before anybody was told, or changed since. Nobody can
    /// say which, so it is left where it is.
    public var undecided: [SpoolDamage] = []

    public init() {}
}

/// Finds the true end of the last segment after a stop of any kind (Durability R2–R5).
struct SegmentRecovery {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    /// What a receiver published last: in that segment, so much was on stable storage.
    var published: SpoolPosition?

    /// Reads without changing anything. When this returns, everything before `end` is on stable storage.
    func examine() throws -> RecoveryReport {
        guard let number = try fileSystem.numbers(in: layout.segments, suffix: ".seg").last else {
            return RecoveryReport()
        }
        return try examine(number, file: fileSystem.open(layout.segment(number), .readOnly)).report
    }

    /// Cuts the torn end off, keeping a copy, and removes unfinished large files. Needs the receiver's lock.
    func repair() throws -> RecoveryReport {
        try removeUnfinishedLargeFiles()
        let numbers = try fileSystem.numbers(in: layout.segments, suffix: ".seg")
        guard let number = numbers.last else { return RecoveryReport() }
        let file = try fileSystem.open(layout.segment(number), .readWrite)
        var (report, end, size) = try examine(number, file: file)
        // A crash behind N3 leaves a last segment without a message; new ids must lie behind those before it all the same.
        for number in numbers.dropLast().reversed() where report.newestID == nil {
            report.newestID = try examine(number, file: fileSystem.open(layout.segment(number), .readOnly)).report
                .newestID
        }
        guard end < size else { return report }
        report.tornCopy = try TornEnd(layout: layout, fileSystem: fileSystem)
            .cut(file, name: SpoolLayout.name(number), end: end, size: size)
        return report
    }

    private func examine(_ number: Int, file: any SpoolFile) throws -> (report: RecoveryReport, end: Int, size: Int) {
        // R2. First on stable storage, then out of the cache, so that what is read is what a power cut would leave. The size
        //     comes before both: what is appended behind the sync's back is none of this reading's business.
        let size = try file.size()
        try file.sync()
        // The name too: whoever made the file may have been killed before N3, and a reader must not go on from a file that a power
        // cut takes away.
        try fileSystem.syncDirectory(layout.segments)
        file.dropCache(from: 0)
        var report = RecoveryReport()
        let path = layout.segment(number)
        let opened: SegmentOpening
        switch try SegmentOpening.open(file, size: size, number: number) {
        case .unborn:
            report.end = SpoolPosition(segment: number, offset: 0)
            report.endByRecords = report.end
            report.tornBytes = size
            return (report, 0, size)
        case .unreadable(let finding):
            // R5. Records were synced here once. Nothing can be served, and nothing may be cut.
            report.end = SpoolPosition(segment: number, offset: size)
            report.endByRecords = report.end
            report.damage = [SpoolDamage(file: path, offset: 0, length: size, finding: finding)]
            return (report, size, size)
        case .opened(let found): opened = found
        }
        if let damage = opened.damage(in: path) { report.damage.append(damage) }
        // A position behind the end, as a copy of the spool may have it from a later moment, tells nothing of this file.
        let known = published.flatMap { $0.segment == number && $0.offset <= size ? $0.offset : nil } ?? 0
        let survey = try RecordSurvey.take(
            of: file, path: path, nonce: opened.nonce, firstRecord: opened.firstRecord, size: size,
            rule: .keepsWhole(published: known))
        report.end = SpoolPosition(segment: number, offset: survey.end)
        report.endByRecords = SpoolPosition(segment: number, offset: survey.endByRecords)
        report.tornBytes = size - survey.end
        report.damage += survey.corruption
        report.undecided = survey.undecided
        report.messages = survey.messages
        report.newestID = survey.newestID
        return (report, survey.end, size)
    }

    /// R6. With the receiver's lock held nobody writes a `.part` any more, and no record names one.
    private func removeUnfinishedLargeFiles() throws {
        for name in try fileSystem.regularFiles(in: layout.large) where LargeFile.isUnfinished(name) {
            try fileSystem.remove("\(layout.large)/\(name)")
        }
    }
}
