#if canImport(Glibc)
import Glibc
#endif

/// Which file a path names: a rebuilt Ledger is another file under the same path.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil when there is no file at `path`; throws where the disk does not say, since a file that is there must not be taken
    /// for missing. Opens nothing: closing any descriptor of a database drops SQLite's own locks on it.
    init?(path: String) throws {
        guard let status = try Self.status(of: path) else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Size in bytes; 0 when there is no file.
    static func size(of path: String) throws -> Int { Int(try status(of: path)?.st_size ?? 0) }

    private static func status(of path: String) throws -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        if errno == ENOENT { return nil }
        throw DurableFile.failure("ask about", path)
    }
}
