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
        message = "\(operation) \(path): \(text)" + (Self.remedy(for: number).map { "; \($0)" } ?? "")
    }

    /// What a person can do about an error of the system; nil where the message says it all.
    private static func remedy(for number: Int32) -> String? {
        switch number {
        case ENOSPC, EDQUOT: "free space on this disk, or raise its quota"
        case EFBIG: "raise the limit on the size of files"
        case EIO, ENXIO, ENODEV, EUCLEAN, ESTALE:
            "look at `dmesg`, and mend or replace this disk before you start again"
        case EROFS: "find out in `dmesg` why this disk became read-only, mend it, and mount it for writing"
        case EACCES, EPERM: "give it to the user that this process runs as, or run it as its owner"
        case EMFILE, ENFILE: "raise the limit of open files (LimitNOFILE)"
        case ENOMEM: "this machine has run out of memory"
        case ENOLCK: "the spool must be on a local disk that knows locks, not on NFS"
        case ENOENT, ENOTDIR: "is its disk mounted, and has nobody moved it?"
        default: nil
        }
    }

    public var description: String { message }
}
