#if canImport(Glibc)
import Glibc
#endif

/// What went wrong in the spool. Like an enum, but extensible: switch over `code`, show `description`.
public struct SpoolError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        private enum Base: Hashable { case io, noSpace, damaged, locked, missing, newerVersion, closed, tooLarge }
        private let base: Base

        /// The disk failed a read, write, sync or rename. Nothing unsynced can be believed any more.
        public static let io = Code(base: .io)
        /// The disk or its inodes are full, or a quota is.
        public static let noSpace = Code(base: .noSpace)
        /// Bytes on disk are not those that were written.
        public static let damaged = Code(base: .damaged)
        /// Another process owns what was asked for.
        public static let locked = Code(base: .locked)
        /// A file or directory is not there.
        public static let missing = Code(base: .missing)
        /// A file was written by a newer Layover.
        public static let newerVersion = Code(base: .newerVersion)
        /// The spool takes nothing more: it failed before, or is being shut down.
        public static let closed = Code(base: .closed)
        /// What was to be written exceeds a limit of the spool; nothing was written.
        public static let tooLarge = Code(base: .tooLarge)
    }

    public var code: Code
    /// One line for a person: what, where, what to do.
    public var message: String
    /// The system's error number where there was one.
    public var systemError: Int32?

    public init(code: Code, message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// An error from a system call: `operation` on `path` failed with `number`.
    public init(_ operation: String, path: String, number: Int32) {
        let text = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT, EFBIG: self.init(code: .noSpace, message: "", systemError: number)
        case ENOENT: self.init(code: .missing, message: "", systemError: number)
        default: self.init(code: .io, message: "", systemError: number)
        }
        message = "\(operation) \(path): \(text)" + (Self.remedy(number).map { "; \($0)" } ?? "")
    }

    /// A file that was being written has been moved or removed by somebody else.
    init(removed path: String) {
        self.init(
            code: .missing,
            message:
                "\(path) was moved or removed while in use; put it back, or restore it from a backup, then start again"
        )
    }

    /// A file that was being written has another length than was written: somebody else has written to it.
    init(overwritten path: String) {
        self.init(
            code: .damaged,
            message:
                "\(path) was cut or written over while in use; stop everything (also the socket that starts the receiver again), let `layover fsck` say what it holds now, put back what is missing, then start again"
        )
    }

    /// What a person can do about it.
    private static func remedy(_ number: Int32) -> String? {
        switch number {
        case ENOSPC: "make room on this disk (`df -h`, and `df -i`: files may have run out before bytes)"
        case EDQUOT: "raise the quota, or make room"
        case EIO: "the disk is failing: see `dmesg`; replace it, restore what `layover fsck` names"
        case EINTR: "a sync that was interrupted is not asked again; start it again, it recovers what reached the disk"
        case EROFS:
            "the file system is mounted read-only, perhaps after a disk error: see `dmesg`, mount it for writing"
        case EACCES, EPERM:
            "run this as root or as the owner of the spool; where it runs as that, give the file back to that user and its group"
        case ELOOP: "a symbolic link stands where a file of the spool belongs; it is not followed: take it away"
        case EMFILE, ENFILE: "raise the limit of open files (LimitNOFILE=)"
        case EFBIG: "raise the limit on the size of files"
        case ENOMEM: "this machine has run out of memory"
        case ENOLCK: "the spool must be on a local disk that knows locks, not on NFS"
        default: nil
        }
    }

    public var description: String { message }

    /// Too many files are open: nothing was opened, so nothing is in doubt, and it passes when some are closed.
    var isShortOfDescriptors: Bool { systemError == EMFILE || systemError == ENFILE }
}
