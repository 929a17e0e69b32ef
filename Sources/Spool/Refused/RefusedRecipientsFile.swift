import MailModel

/// The file `refused.recipients`: what the receiver has counted, for `roster coverage`.
///
///     layover-refused 1 <lines> <attempts not listed>
///     <deferred> <rejected> <first> <last> <senders> <clients> <octets of sender> <sender> <recipient>
///
/// Times are milliseconds since 1970. Written anew under another name and renamed into place; nothing depends on it but a listing,
/// so a broken one is begun anew.
public struct RefusedRecipientsFile: Sendable {
    public var recipients: [String: RefusedRecipient]
    /// Attempts for names that are not, or no more, among `recipients`, since there were too many.
    public var unlisted: Int

    public init(recipients: [String: RefusedRecipient] = [:], unlisted: Int = 0) {
        self.recipients = recipients
        self.unlisted = unlisted
    }

    /// Far above what the receiver writes.
    private static let maximumSize = ByteCount.mib(256)

    /// Nil where there is none. Throws `.damaged` for a file that is none of this version.
    public static func read(
        layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()
    ) throws -> RefusedRecipientsFile? {
        do {
            let file = try fileSystem.open(layout.refusedRecipients, .readOnly)
            defer { file.close() }
            let bytes = try file.read(min(file.size(), maximumSize.bytes), at: 0)
            guard let content = RefusedRecipientsFile(bytes: bytes) else {
                throw SpoolError(
                    code: .damaged,
                    message: "\(layout.refusedRecipients) is no list of this version, or cut short; remove it")
            }
            return content
        } catch let error as SpoolError where error.code == .missing {
            return nil
        }
    }

    /// When this returns, the file in place is the new one, and is on stable storage.
    public func write(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) throws {
        let temporary = layout.refusedRecipients + ".new"
        let file = try fileSystem.open(temporary, .readWrite)
        defer { file.close() }
        let bytes = self.bytes
        try file.write(bytes, at: 0)
        try file.truncate(to: bytes.count)
        try file.sync()
        try fileSystem.rename(temporary, to: layout.refusedRecipients)
        try fileSystem.syncDirectory(layout.directory)
    }

    var bytes: [UInt8] {
        var text = "layover-refused 1 \(recipients.count) \(unlisted)\n"
        for (address, entry) in recipients.sorted(by: { $0.key < $1.key }) {
            text += "\(entry.deferred) \(entry.rejected) \(entry.first.milliseconds) \(entry.last.milliseconds) "
            // The sender's length tells where it ends: a quoted local part may hold spaces.
            text +=
                "\(entry.senders.text) \(entry.clients.text) \(entry.lastSender.utf8.count) \(entry.lastSender) \(address)\n"
        }
        return Array(text.utf8)
    }

    init?(bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let head = lines.first.map { String(decoding: $0, as: UTF8.self).split(separator: " ") } ?? []
        guard head.count == 4, head[0] == "layover-refused", head[1] == "1", Int(head[2]) == lines.count - 1,
            let unlisted = Int(head[3])
        else { return nil }
        self.init(unlisted: unlisted)
        for line in lines.dropFirst() {
            guard let (address, entry) = Self.entry(line) else { return nil }
            recipients[address] = entry
        }
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> (String, RefusedRecipient)? {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 7, omittingEmptySubsequences: false)
        guard words.count == 8 else { return nil }
        let texts = words.prefix(7).map { String(decoding: $0, as: UTF8.self) }
        guard let deferred = Int(texts[0]), let rejected = Int(texts[1]), let first = Int64(texts[2]),
            let last = Int64(texts[3]), let senders = DistinctNames(text: texts[4][...]),
            let clients = DistinctNames(text: texts[5][...]), let length = Int(texts[6]), length >= 0,
            length + 1 < words[7].count
        else { return nil }
        let rest = words[7]
        let entry = RefusedRecipient(
            deferred: deferred, rejected: rejected, first: Timestamp(milliseconds: first),
            last: Timestamp(milliseconds: last), senders: senders, clients: clients,
            lastSender: String(decoding: rest.prefix(length), as: UTF8.self))
        return (String(decoding: rest.dropFirst(length + 1), as: UTF8.self), entry)
    }
}
