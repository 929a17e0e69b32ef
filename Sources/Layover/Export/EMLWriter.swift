import MailModel
import Spool

/// `<id>.eml`: the stored bytes and nothing else, so that the digest of the file is that of the message.
struct EMLWriter: CopyWriter {
    private let directory: ExportDirectory
    private let reader: SpoolReader
    private var pending = PendingFiles()

    init(directory: ExportDirectory, reader: SpoolReader) {
        self.directory = directory
        self.reader = reader
    }

    mutating func begin(folder address: String, _ report: inout ExportReport) {}

    mutating func write(_ message: ExportedMessage, for recipient: String?, _ report: inout ExportReport) throws
        -> String
    {
        let name = "\(message.stored.id).eml"
        let temporary = ".\(name).part"
        if try isThere(name, message.stored) {
            report.filesAlreadyThere += 1
            return name
        }
        let file = try directory.create(temporary)
        do {
            try reader.content(of: message.stored) { try file.write($0) }
        } catch {
            directory.remove(temporary)
            throw error
        }
        try file.flush()
        file.setTime(message.stored.envelope.receivedAt)
        try pending.add(file, temporary, in: directory, as: name, report: &report)
        return name
    }

    mutating func end(_ report: inout ExportReport) throws {
        try pending.settle(&report)
        try directory.sync()
    }

    /// An export that was cut short, or is run again, has left the very file.
    private func isThere(_ name: String, _ message: SpooledMessage) throws -> Bool {
        guard directory.has(name), let file = try? directory.open(name) else { return false }
        return try file.length() == message.length && file.digest() == message.digest
    }
}
