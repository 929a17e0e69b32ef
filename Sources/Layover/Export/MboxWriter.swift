import MailModel
import Replayer
import Spool

/// `<mailbox>.mbox` in the form mboxrd: a `From ` line, the message with LF line ends and quoted `From ` lines, an empty line.
///
///     From anna@sender.example Sat Nov 21 10:00:00 2026
///     Return-Path: <anna@sender.example>
///     Delivered-To: <ben@example.com>
///     X-Layover-Id: 01jd5y0c8q3v6h2k9m4n7p1r5s
///     Received: …
struct MboxWriter: CopyWriter {
    /// A mailbox being written.
    private struct Open {
        var file: ExportFile
        var name: String
        var temporary: String { ".\(name).part" }
    }

    private let directory: ExportDirectory
    private let reader: SpoolReader
    private var open: Open?

    init(directory: ExportDirectory, reader: SpoolReader) {
        self.directory = directory
        self.reader = reader
    }

    mutating func begin(folder address: String, _ report: inout ExportReport) throws {
        let name = FolderName.of(address) + ".mbox"
        open = Open(file: try directory.create(".\(name).part"), name: name)
    }

    mutating func write(_ message: ExportedMessage, for recipient: String?, _ report: inout ExportReport) throws
        -> String
    {
        guard let open else { throw CommandError(.internalError, "no mailbox is open") }
        let start = open.file.size
        do {
            try open.file.write(Array(Self.separator(message.stored.envelope).utf8))
            try open.file.write(message.stored, for: recipient ?? "", from: reader, quotesFrom: true)
            try open.file.write([UInt8(ascii: "\n")])
        } catch let error as SpoolError {
            try open.file.cut(to: start)
            throw error
        }
        return open.name
    }

    mutating func end(_ report: inout ExportReport) throws {
        guard let open else { return }
        self.open = nil
        guard open.file.size > 0 else { return directory.remove(open.temporary) }
        try open.file.sync()
        report.count(try directory.publish(open.temporary, as: open.name), of: "\(directory.path)/\(open.name)")
        try directory.sync()
    }

    /// The line between messages: the envelope sender, and the time of reception as asctime(3) writes it, in UTC.
    static func separator(_ envelope: Envelope) -> String {
        let sender = envelope.sender == .null ? "MAILER-DAEMON" : envelope.sender.text
        // A blank would end the address. The true one stands in Return-Path.
        let word = String(sender.unicodeScalars.map { $0.value <= 0x20 || $0.value == 0x7F ? "_" : Character($0) })
        let parts = envelope.receivedAt.rfc5322.split(separator: " ")
        guard parts.count == 6 else { return "From \(word) Thu Jan  1 00:00:00 1970\n" }
        let day = parts[1].count == 1 ? " \(parts[1])" : String(parts[1])
        return "From \(word) \(parts[0].dropLast()) \(parts[2]) \(day) \(parts[4]) \(parts[3])\n"
    }
}

extension ExportFile {
    /// The three lines that stand on top of every copy in a mailbox, then the stored bytes; all with LF line ends.
    ///
    /// Returns the octets that the copy has with CRLF line ends.
    @discardableResult
    func write(_ message: SpooledMessage, for recipient: String, from reader: SpoolReader, quotesFrom: Bool) throws
        -> Int
    {
        let head = HeadLines.bytes(sender: message.envelope.sender.text, recipient: recipient, id: message.id)
        var encoder = UnixLineEncoder(quotesFrom: quotesFrom)
        var output: [UInt8] = []
        head.withUnsafeBytes { encoder.encode($0, into: &output) }
        try write(output)
        try reader.content(of: message) { piece in
            output.removeAll(keepingCapacity: true)
            encoder.encode(piece, into: &output)
            try write(output)
        }
        output.removeAll(keepingCapacity: true)
        encoder.finish(into: &output)
        try write(output)
        return head.count + message.length
    }
}
