#if canImport(Glibc)
import Glibc
#endif

/// Which file a path names: a rebuilt Ledger is another file under the same path.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil when there is no file at `path`. Opens nothing: closing any descriptor of a database drops SQLite's own
    /// locks on it.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Size in bytes; 0 when there is no file.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
