#if canImport(Glibc)
import Glibc
#endif

/// Which files a certificate and its key are, and when each last changed: equal as long as nothing has been done to either.
public struct TLSFileVersions: Hashable, Sendable {
    private let fields: [Int]

    /// Asks the file system; a file that is not there has a version too. Blocks.
    public init(certificateFile: String, keyFile: String) {
        fields = [certificateFile, keyFile].flatMap { path in
            var info = stat()
            guard stat(path, &info) == 0 else { return [0] }
            // The time of the last change of the inode too: a change of rights shows in it.
            return [
                Int(info.st_dev), Int(info.st_ino), Int(info.st_size), Int(info.st_mtim.tv_sec),
                Int(info.st_mtim.tv_nsec), Int(info.st_ctim.tv_sec), Int(info.st_ctim.tv_nsec),
            ]
        }
    }
}
