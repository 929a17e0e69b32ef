import MailModel
import Spool
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The addresses of `roster.snapshot`: everybody whom the roster knows.
///
///     layover-roster 1 <count>
///     a.user@example.com
///     @catch-all.example
///
/// The file is renamed into place whenever the roster changes. `refresh` reads it again when it has changed; a broken file
/// leaves the last good list in force, and is complained of once.
final class KnownRecipients: Sendable {
    private struct State {
        var keys: Set<ExactText>?
        /// Size, time and inode of the file that was read.
        var version: [Int] = []
        /// Why the file could not be read, as was said of it.
        var complaint: Complaint?
    }

    private struct Complaint: Equatable {
        let version: [Int]
        let text: String
    }

    private let path: String
    private let state = Mutex(State())

    init(layout: SpoolLayout) { path = layout.rosterSnapshot }

    /// Nil where there has never been a roster.
    func contains(_ key: String) -> Bool? {
        state.withLock { state in state.keys.map { $0.contains(ExactText(key)) } }
    }

    /// Addresses known; nil where there has never been a roster.
    var count: Int? { state.withLock { $0.keys?.count } }

    /// Reads the file if it is another one than before. Blocks. Throws where the file is no snapshot or cannot be read, once until the
    /// file or the reason is another; one that cannot be read is tried again each time.
    func refresh() throws {
        var info = stat()
        guard stat(path, &info) == 0 else { return }
        // The time of the last change of the inode too: a change of rights shows in it.
        let version = [
            Int(info.st_ino), Int(info.st_size), Int(info.st_mtim.tv_sec), Int(info.st_mtim.tv_nsec),
            Int(info.st_ctim.tv_sec), Int(info.st_ctim.tv_nsec),
        ]
        guard state.withLock({ $0.version }) != version else { return }
        do {
            let keys = try read()
            state.withLock { state in
                state.keys = keys
                state.version = version
                state.complaint = nil
            }
        } catch let error as SpoolError where error.code == .damaged {
            // It will not get better until it is another file.
            state.withLock { $0.version = version }
            throw error
        } catch {
            let complaint = Complaint(version: version, text: "\(error)")
            let isNew = state.withLock { state in
                defer { state.complaint = complaint }
                return state.complaint != complaint
            }
            if isNew { throw error }
        }
    }

    private func read() throws -> Set<ExactText> {
        let file = try POSIXFileSystem().open(path, .readOnly)
        let size = try file.size()
        let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let words =
            lines.first.map { $0.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) } } ?? []
        guard words.count == 3, words[0] == "layover-roster", words[1] == "1", Int(words[2]) == lines.count - 1 else {
            throw SpoolError(
                code: .damaged,
                message:
                    "\(path) is no roster snapshot of this version, or cut short; run `layover roster import` again")
        }
        return Set(lines.dropFirst().map { ExactText(String(decoding: $0, as: UTF8.self)) })
    }
}
