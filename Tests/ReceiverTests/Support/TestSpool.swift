import Foundation
import MailModel
import Spool

/// A spool in a directory of its own, removed with the last reference.
final class TestSpool: Sendable {
    let layout: SpoolLayout

    init() throws {
        layout = SpoolLayout(directory: NSTemporaryDirectory() + "ReceiverTests-\(UUID().uuidString)")
        try layout.create(POSIXFileSystem())
    }

    deinit { try? FileManager.default.removeItem(atPath: layout.directory) }

    /// What an accepted message is on stable storage.
    struct Stored: Sendable {
        var message: SpooledMessage
        var bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }

        /// What the client sent: everything below the trace header.
        var body: ArraySlice<UInt8> {
            var end = bytes.startIndex
            repeat {
                guard let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else { return [] }
                end = newline + 1
            } while end < bytes.endIndex && bytes[end] == UInt8(ascii: "\t")
            return bytes[end...]
        }
    }

    /// Every message, each with its digest checked.
    func messages() throws -> [Stored] {
        let reader = SpoolReader(layout: layout)
        let page = try reader.messages(from: .start, end: reader.stableEnd(), limit: .max)
        guard page.damage.isEmpty else { throw SpoolError(code: .damaged, message: "\(page.damage)") }
        return try page.messages.map { Stored(message: $0, bytes: try reader.bytes(of: $0.location)) }
    }

    /// The names of the files of large messages, finished and not.
    func largeFiles() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: layout.large).sorted() }

    func writeRoster(_ lines: [String], count: Int? = nil) throws {
        let text = (["layover-roster 1 \(count ?? lines.count)"] + lines).joined(separator: "\n") + "\n"
        try text.write(toFile: layout.rosterSnapshot, atomically: true, encoding: .utf8)
    }
}
