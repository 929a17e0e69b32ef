import MailModel
import Spool

/// What an export leaves in its directory until it is done: which copies it writes. Where it was cut short, only an export of the same
/// copies goes on there.
///
/// The file holds the digest of the form and of every copy's message and recipient, as 64 hexadecimal digits and LF.
struct ExportMark: Equatable {
    static let name = ".export"
    private static let part = ".export.part"

    private let text: String

    init(_ digest: SHA256Digest) { text = digest.hex + "\n" }

    /// Nil where there is none.
    init?(in directory: ExportDirectory) throws {
        guard directory.has(Self.name) else { return nil }
        text = String(decoding: try directory.open(Self.name).read(1 << 10), as: UTF8.self)
    }

    /// When this returns, it is on stable storage.
    func write(to directory: ExportDirectory) throws {
        let file = try directory.create(Self.part)
        try file.write(Array(text.utf8))
        try file.sync()
        _ = try directory.publish(Self.part, as: Self.name)
        try directory.sync()
    }
}
