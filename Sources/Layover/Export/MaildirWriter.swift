import MailModel
import Spool

/// `<mailbox>/new/…` in a Maildir: written in `tmp`, then named in `new`, as Maildir asks (https://cr.yp.to/proto/maildir.html).
///
///     anna@example.com/new/1795255200.L01jd5y0c8q3v6h2k9m4n7p1r5s.layover,S=4711
///
/// The name tells the time of reception, the id and the size (`S=`, as Dovecot and Courier read it); the file's time is that of
/// reception too, which IMAP servers show as INTERNALDATE.
struct MaildirWriter: CopyWriter {
    /// A mailbox being written.
    private struct Open {
        var name: String
        var temporary: ExportDirectory
        var new: ExportDirectory
        var current: ExportDirectory
        /// What a mail program has seen and moved since an earlier export, by name without flags.
        var seen: Set<Substring>
    }

    private let directory: ExportDirectory
    private let reader: SpoolReader
    private var open: Open?
    private var pending = PendingFiles()

    init(directory: ExportDirectory, reader: SpoolReader) {
        self.directory = directory
        self.reader = reader
    }

    mutating func begin(folder address: String, _ report: inout ExportReport) throws {
        let name = FolderName.of(address)
        let mailbox = try directory.subdirectory(name)
        let current = try mailbox.subdirectory("cur")
        open = Open(
            name: name, temporary: try mailbox.subdirectory("tmp"), new: try mailbox.subdirectory("new"),
            current: current, seen: Set(try current.names().map { $0.prefix { $0 != ":" } }))
        try mailbox.sync()
    }

    mutating func write(_ message: ExportedMessage, for recipient: String?, _ report: inout ExportReport) throws
        -> String
    {
        guard let open else { throw CommandError(.internalError, "no mailbox is open") }
        let envelope = message.stored.envelope
        let unique = "\(envelope.receivedAt.seconds).L\(envelope.id).layover"
        let file = try open.temporary.create(unique)
        do {
            try file.write(message.stored, for: recipient ?? "", from: reader, quotesFrom: false)
        } catch {
            open.temporary.remove(unique)
            throw error
        }
        let name = "\(unique),S=\(file.size)"
        if open.seen.contains(name[...]) {
            open.temporary.remove(unique)
            report.filesAlreadyThere += 1
            return "\(open.name)/new/\(name)"
        }
        try file.flush()
        file.setTime(envelope.receivedAt)
        try pending.add(file, unique, in: open.temporary, as: name, target: open.new, report: &report)
        return "\(open.name)/new/\(name)"
    }

    mutating func end(_ report: inout ExportReport) throws {
        try pending.settle(&report)
        try open?.new.sync()
        try directory.sync()
        open = nil
    }
}
