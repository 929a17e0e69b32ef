public import MailModel

#if canImport(Glibc)
import Glibc
#endif

/// The file `reserve`: room that is taken before it is needed, so that a person can give it back when the disk is full.
///
/// Released, the file holds one line instead, with the floor that counts from then on: the receiver's own floor would keep
/// the room that has become free from being used where other programs have eaten the disk far below it.
///
///     released 2026-11-21T10:00:00.000Z 73400320
public struct SpoolReserve: Sendable {
    public enum State: Hashable, Sendable {
        /// There is no such file, or it was emptied by hand.
        case absent
        /// Allocated on the disk.
        case held(ByteCount)
        /// Given back. Until it is made again, this many free bytes are enough for mail to be taken.
        case released(floor: ByteCount)
    }

    /// It is made only where as many times its size stay free above the floor: it must never be what stops the mail.
    private static let roomAbove = 4
    /// Of the room given back, mail leaves this part alone: index and journal need some too.
    private static let partKept = 8
    /// A file so short is a line, not a reserve.
    private static let longestLine = 4096

    private let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    private var path: String { layout.reserve }

    /// The floor that counts for mail once a reserve of `size` is gone, where `free` bytes were free before.
    public static func floor(afterReleaseOf size: ByteCount, free: Int) -> ByteCount {
        ByteCount(max(0, free) &+ size.bytes / partKept)
    }

    public func state() throws -> State {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT { return .absent }
            throw SpoolError("look at", path: path, number: errno)
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw SpoolError(code: .damaged, message: "\(path) is no file; take it out of the spool")
        }
        guard info.st_size <= Self.longestLine else { return .held(ByteCount(Int(info.st_size))) }
        let file = try fileSystem.open(path, .readOnly)
        let words = String(decoding: try file.read(Self.longestLine, at: 0), as: UTF8.self).split { " \n".contains($0) }
        guard words.count == 3, words[0] == "released", let floor = Int(words[2]), floor >= 0 else { return .absent }
        return .released(floor: ByteCount(floor))
    }

    /// Allocates the reserve, or brings it to this size. When this returns true, its blocks are the file's.
    ///
    /// False where there is not much more room than that above the floor: then nothing is changed.
    public func make(_ size: ByteCount, floor: Int) throws -> Bool {
        let held = try state()
        if held == .held(size) { return true }
        let already = if case .held(let bytes) = held { bytes.bytes } else { 0 }
        let (needed, overflow) = size.bytes.multipliedReportingOverflow(by: 1 + Self.roomAbove)
        let (wanted, isTooMuch) = needed.addingReportingOverflow(floor)
        guard !overflow, !isTooMuch else { return false }
        guard try fileSystem.freeSpace(at: layout.directory).freeBytes >= wanted - already else { return false }
        // For the receiver's user and the owner's: whoever made it, the other must be able to release it.
        let descriptor = retrying { open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o660) }
        guard descriptor >= 0 else { throw SpoolError("open", path: path, number: errno) }
        defer { close(descriptor) }
        let kept = min(already, size.bytes)
        guard ftruncate(descriptor, kept) == 0 else { throw SpoolError("truncate", path: path, number: errno) }
        let result = posix_fallocate(descriptor, 0, size.bytes)
        guard result == 0, fsync(descriptor) == 0 else {
            let number = result == 0 ? errno : result
            _ = ftruncate(descriptor, kept)
            throw SpoolError("allocate", path: path, number: number)
        }
        return true
    }

    /// Gives the room back. When this returns, other files can have it, and the floor that counts now is written down.
    ///
    /// Throws `.missing` where there is no reserve.
    public func release() throws -> State {
        let before = try state()
        guard case .held(let size) = before else {
            if case .released = before { return before }
            throw SpoolError(code: .missing, message: "\(path): there is no reserve to release")
        }
        let free = try fileSystem.freeSpace(at: layout.directory).freeBytes
        let descriptor = retrying { open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC) }
        guard descriptor >= 0 else { throw SpoolError("open", path: path, number: errno) }
        defer { close(descriptor) }
        // Blocks can be used again only when the truncation is committed: the line behind it may need one.
        guard ftruncate(descriptor, 0) == 0, fsync(descriptor) == 0 else {
            throw SpoolError("truncate", path: path, number: errno)
        }
        let floor = Self.floor(afterReleaseOf: size, free: free)
        let line = Array("released \(Timestamp.now().rfc3339) \(floor.bytes)\n".utf8)
        guard pwrite(descriptor, line, line.count, 0) == line.count, fsync(descriptor) == 0 else {
            throw SpoolError("write", path: path, number: errno)
        }
        return .released(floor: floor)
    }

    /// Removes whatever there is of it; for a configuration without a reserve.
    public func remove() throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw SpoolError("remove", path: path, number: errno) }
    }
}
