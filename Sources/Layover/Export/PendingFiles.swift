import Dispatch
import Synchronization

/// Small files that are written and wait to be synced and named, many at once: a file system stores the syncs of many files
/// in hardly more time than that of one.
struct PendingFiles {
    private struct Pending: Sendable {
        var file: ExportFile
        var directory: ExportDirectory
        var temporary: String
        var target: ExportDirectory
        var name: String
    }

    /// So many files are open at once.
    private static let limit = 64

    private var files: [Pending] = []

    /// - Parameter target: the directory that it is to be in, where that is not the one it was written in.
    mutating func add(
        _ file: ExportFile, _ temporary: String, in directory: ExportDirectory, as name: String,
        target: ExportDirectory? = nil, report: inout ExportReport
    ) throws {
        try file.flush()
        files.append(
            Pending(
                file: file, directory: directory, temporary: temporary, target: target ?? directory, name: name))
        if files.count >= Self.limit { try settle(&report) }
    }

    /// When this returns, the bytes are on stable storage and the files have their names; the names want a sync of their
    /// directories still.
    mutating func settle(_ report: inout ExportReport) throws {
        let settled = files
        files = []
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: settled.count) { index in
            do {
                try settled[index].file.sync()
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) {
            for pending in settled { pending.directory.remove(pending.temporary) }
            throw error
        }
        for pending in settled {
            let publication = try pending.directory.publish(pending.temporary, as: pending.name, in: pending.target)
            report.count(publication, of: "\(pending.target.path)/\(pending.name)")
        }
    }
}
