import MailModel
import Spool

/// An export with `--eml` as a source: `manifest.jsonl` and the files that it names.
struct ManifestSource: ImportSource {
    static let manifestName = "manifest.jsonl"
    /// Lines that are read at once.
    private static let page = 200

    private let directory: String
    private let fileSystem = POSIXFileSystem()
    private let manifest: any SpoolFile
    private var lines: ManifestLines
    private var line = 0
    let count: Int
    private(set) var damaged: [String] = []
    private(set) var unnamed: Set<String> = []

    init(directory: String) throws {
        self.directory = directory
        manifest = try fileSystem.open("\(directory)/\(Self.manifestName)", .readOnly)
        count = try Self.count(manifest)
        lines = Self.lines(manifest)
        unnamed = try Self.messages(in: directory, fileSystem)
    }

    private static func lines(_ file: any SpoolFile) -> ManifestLines { ManifestLines { try read(file, at: $0) } }

    /// The files that hold messages.
    private static func messages(in directory: String, _ fileSystem: POSIXFileSystem) throws -> Set<String> {
        Set(try fileSystem.list(directory).filter { $0.hasSuffix(".eml") && !$0.hasPrefix(".") })
    }

    private static func count(_ file: any SpoolFile) throws -> Int {
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

    mutating func rewind() throws {
        (lines, line, damaged) = (Self.lines(manifest), 0, [])
        unnamed = try Self.messages(in: directory, fileSystem)
    }

    mutating func next() throws -> [ImportCandidate] {
        var page: [ImportCandidate] = []
        while page.count < Self.page, let text = try lines.next() {
            line += 1
            do {
                let decoded = try ExportManifestLine.decode(text)
                unnamed.remove(decoded.file)
                page.append(try candidate(decoded))
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
