#if canImport(Glibc)
import Glibc
#endif

/// What tells one file from its copy: its inode, and the moment at which the file system made it.
///
/// Neither can be set, so `cp`, `rsync` and `tar` make files of another birth. A snapshot of a whole block device keeps both.
public struct FileBirth: Hashable, Sendable {
    public var inode: UInt64
    /// Nanoseconds since 1970; 0 where the file system keeps no time of birth (ext4 with inodes of 128 octets).
    public var time: Int64

    public init(inode: UInt64, time: Int64) {
        self.inode = inode
        self.time = time
    }
}

extension SpoolFileSystem {
    /// The birth of the file at `path`; nil where this file system does not know such a thing.
    public func birth(of path: String) throws -> FileBirth? { nil }
}

extension POSIXFileSystem {
    public func birth(of path: String) throws -> FileBirth? { try Statx.birth(of: path) }
}

/// `statx(2)`, which Swift's Glibc module does not show.
private enum Statx {
    private typealias Call =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UInt32, UnsafeMutableRawPointer) -> Int32

    private static let call = dlsym(nil, "statx").map { unsafeBitCast($0, to: Call.self) }

    /// From <linux/stat.h>: the bits of the fields that are wanted, and where they stand in `struct statx`.
    private static let fields = (inode: UInt32(0x100), birth: UInt32(0x800))
    private static let offsets = (mask: 0, inode: 32, birthSeconds: 80, birthNanoseconds: 88)
    private static let size = 256

    static func birth(of path: String) throws -> FileBirth? {
        guard let call else { return nil }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        guard call(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, fields.inode | fields.birth, buffer) == 0 else {
            throw SpoolError("ask birth of", path: path, number: errno)
        }
        let hasBirth = buffer.load(fromByteOffset: offsets.mask, as: UInt32.self) & fields.birth != 0
        let seconds = buffer.load(fromByteOffset: offsets.birthSeconds, as: Int64.self)
        let nanoseconds = Int64(buffer.load(fromByteOffset: offsets.birthNanoseconds, as: UInt32.self))
        return FileBirth(
            inode: buffer.load(fromByteOffset: offsets.inode, as: UInt64.self),
            time: hasBirth ? seconds &* 1_000_000_000 &+ nanoseconds : 0)
    }
}
