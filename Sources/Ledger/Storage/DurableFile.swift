import Spool

#if canImport(Glibc)
import Glibc
#endif

/// Puts files in place so that neither their bytes nor their names are lost in a power cut.
enum DurableFile {
    /// When this returns, the file's bytes are on stable storage. Not for an open database.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// Throws where the name may still be there; one that never was is no failure.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// When this returns, the name is on stable storage too.
    static func rename(_ source: String, to destination: String) throws {
        guard Glibc.rename(source, destination) == 0 else { throw failure("rename", source) }
        try sync(directory(of: destination))
    }

    /// Writes `bytes` under a temporary name beside `path`, syncs them and renames them into place.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws {
        let temporary = "\(path).new-\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        do {
            defer { close(descriptor) }
            try write(bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw failure("sync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            done += count
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "." }
        return String(path[..<slash])
    }

    static func failure(_ operation: String, _ path: String) -> LedgerError {
        LedgerError(code: .io, message: SpoolError(operation, path: path, number: errno).message)
    }
}
