import MailModel
import Spool

/// An export with `--eml` as a source: `manifest.jsonl` and the files that it names.
struct ManifestSource: ImportSource {
    static let manifestName = "manifest.jsonl"
    /// Lines that are read at once.
    private static let page = 200
    /// A line of a thousand recipients takes some 400 KiB.
    private static let longestLine = 64 << 20

    private let directory: String
    private let fileSystem = POSIXFileSystem()
    private var manifest: any SpoolFile
    private var offset = 0
    private var waiting: [UInt8] = []
    private var line = 0
    let count: Int
    private(set) var damaged: [String] = []

    init(directory: String) throws {
        self.directory = directory
        manifest = try fileSystem.open("\(directory)/\(Self.manifestName)", .readOnly)
        count = try Self.lines(manifest)
    }

    private static func lines(_ file: any SpoolFile) throws -> Int {
        var (count, offset) = (0, 0)
        while true {
            let piece = try read(file, at: offset)
            if piece.isEmpty { return count }
            count += piece.count { $0 == UInt8(ascii: "\n") }
            offset += piece.count
        }
    }

    private static func read(_ file: any SpoolFile, at offset: Int) throws -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        let count = try piece.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        piece.removeLast(piece.count - count)
        return piece
    }

    mutating func rewind() throws { (offset, waiting, line, damaged) = (0, [], 0, []) }

    mutating func next() throws -> [ImportCandidate] {
        var page: [ImportCandidate] = []
        while page.count < Self.page, let text = try nextLine() {
            line += 1
            do {
                page.append(try candidate(try ExportManifestLine.decode(text)))
            } catch let error as CommandError where error.status == .usage {
                throw error
            } catch {
                damaged.append("\(directory)/\(Self.manifestName) line \(line): \(Self.reason(error))")
            }
        }
        return page
    }

    private static func reason(_ error: any Error) -> String {
        error is CommandError ? "\(error)" : "not a line of an export's manifest"
    }

    /// Nil at the end.
    private mutating func nextLine() throws -> [UInt8]? {
        while true {
            if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                defer { waiting.removeSubrange(...end) }
                return Array(waiting[..<end])
            }
            let piece = try Self.read(manifest, at: offset)
            offset += piece.count
            guard !piece.isEmpty, waiting.count < Self.longestLine else {
                defer { waiting = [] }
                return waiting.isEmpty ? nil : waiting
            }
            waiting += piece
        }
    }

    private func candidate(_ line: ExportManifestLine) throws -> ImportCandidate {
        guard line.deliveredTo == nil, line.file == "\(line.id).eml" else {
            throw CommandError(
                .usage, "\(directory) is not an export with --eml: mbox and Maildir hold copies, not the stored bytes")
        }
        guard let id = MessageID(line.id), let receivedAt = Timestamp(rfc3339: line.receivedAt), line.size >= 0,
            let digest = SHA256Digest(hex: Array(line.sha256.utf8)), !line.recipients.isEmpty
        else { throw CommandError(.badData, "\(line.id): id, time, size or digest make no sense") }
        let envelope = Envelope(
            id: id, receivedAt: receivedAt, sender: ReversePath(text: line.sender),
            recipients: line.recipients.map {
                MailAddress($0.address) ?? MailAddress(localPart: $0.address, domain: "")
            },
            client: line.client, helo: line.helo, transmission: line.with, tls: line.tls,
            is8BitMIME: line.eightBit, isSMTPUTF8: line.smtputf8, normalizedNewlines: line.normalizedNewlines,
            isJunk: line.junk ?? false)
        let (path, fileSystem) = ("\(directory)/\(line.file)", self.fileSystem)
        return ImportCandidate(
            envelope: envelope,
            deliveries: line.recipients.map { .init(state: $0.state, isDoubtful: $0.doubtful, mailbox: $0.mailbox) },
            length: line.size, digest: digest
        ) { body in
            let file = try fileSystem.open(path, .readOnly)
            var offset = 0
            while true {
                let piece = try Self.read(file, at: offset)
                if piece.isEmpty { return }
                try piece.withUnsafeBytes { try body($0) }
                offset += piece.count
            }
        }
    }
}
