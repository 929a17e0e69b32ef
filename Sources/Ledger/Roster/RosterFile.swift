import MailModel

/// A roster as CSV: `mailbox, login, target, wave, aliases`, optional `id, type, folder`, named by a header row in any
/// order.
public struct RosterFile: Sendable {
    /// How the file's bytes were read.
    public enum Encoding: String, Sendable {
        case utf8 = "UTF-8"
        case utf8WithMark = "UTF-8 with BOM"
        /// Said to the person who imports, since it is a guess.
        case windows1252 = "Windows-1252"
    }

    public let name: String
    public let encoding: Encoding
    public let rows: [RosterRow]

    /// Reads and checks a file.
    ///
    /// - Parameters:
    ///   - name: the file as the person named it, for messages.
    ///   - targets: the `[targets.NAME]` of the configuration.
    /// - Throws: `LedgerError(.roster)` that lists every mistake with file, line, column and remedy.
    public init(_ bytes: [UInt8], name: String, targets: Set<String>) throws {
        self.name = name
        let (text, encoding) = Self.text(of: bytes)
        self.encoding = encoding
        do {
            var parser = RosterFileParser(fileName: name, targets: targets)
            rows = try parser.parse(CSVTable(text))
        } catch let failure as CSVTable.Failure {
            throw LedgerError(
                code: .roster, message: "\(name):\(failure.line): field \(failure.column): \(failure.text)")
        }
    }

    private static func text(of bytes: [UInt8]) -> (String, Encoding) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]), let text = String(validating: bytes.dropFirst(3), as: UTF8.self) {
            return (text, .utf8WithMark)
        }
        if let text = String(validating: bytes, as: UTF8.self) { return (text, .utf8) }
        return (CharacterSet.windows1252.decode(bytes), .windows1252)
    }
}
