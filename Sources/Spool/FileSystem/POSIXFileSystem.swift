#if canImport(Glibc)
import Glibc
#endif

/// The real disk.
public struct POSIXFileSystem: SpoolFileSystem {
    /// Files are readable by the group (`layover` reads what `layover-mx` wrote) and by nobody else.
    private static let fileMode: mode_t = 0o640
    private static let directoryMode: mode_t = 0o2770

    private let calls: FileCalls

    public init() { calls = .kernel }

    init(calls: FileCalls) { self.calls = calls }

    public func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile {
        // O_NOFOLLOW: an alien link in the spool is an error, not a way out of it. O_NONBLOCK: nor is a pipe a trap; it does
        // nothing to a file.
        let flags: Int32 =
            switch mode {
            case .readOnly: O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            case .readWrite: O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            case .createNew: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            }
        let descriptor = retrying { Glibc.open(path, flags, Self.fileMode) }
        guard descriptor >= 0 else {
            var error = SpoolError("open", path: path, number: errno)
            if error.code == .missing, mode != .readOnly {
                error.message += "; the directory is gone: put it back from where it went, or from a backup"
            }
            throw error
        }
        let file = POSIXFile(descriptor: descriptor, path: path, calls: calls)
        guard try file.isRegular() else {
            throw SpoolError(code: .damaged, message: "\(path) is no file; take it out of the spool")
        }
        return file
    }

    public func createDirectory(_ path: String) throws {
        guard mkdir(path, Self.directoryMode) == 0 || errno == EEXIST else {
            throw SpoolError("create directory", path: path, number: errno)
        }
    }

    public func list(_ directory: String) throws -> [String] { try names(in: directory).map(\.name) }

    public func regularFiles(in directory: String) throws -> [String] {
        try names(in: directory).filter { name, type in
            // Some file systems do not tell the type with the name.
            guard type == Int(DT_UNKNOWN) else { return type == Int(DT_REG) }
            var info = stat()
            return lstat("\(directory)/\(name)", &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        }.map(\.name)
    }

    private func names(in directory: String) throws -> [(name: String, type: Int)] {
        guard let stream = opendir(directory) else { throw SpoolError("list", path: directory, number: errno) }
        defer { closedir(stream) }
        var names: [(name: String, type: Int)] = []
        while true {
            // Set anew each time: what the loop itself calls may leave something in it.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append((name, Int(entry.pointee.d_type))) }
        }
        guard errno == 0 else { throw SpoolError("list", path: directory, number: errno) }
        return names
    }

    public func rename(_ from: String, to: String) throws {
        guard Glibc.rename(from, to) == 0 else { throw SpoolError("rename", path: "\(from) to \(to)", number: errno) }
    }

    public func remove(_ path: String) throws {
        guard unlink(path) == 0 else { throw SpoolError("remove", path: path, number: errno) }
    }

    public func syncDirectory(_ path: String) throws {
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw SpoolError("open directory", path: path, number: errno) }
        defer { Glibc.close(descriptor) }
        // No retry, not even after EINTR: a failed sync cannot be asked again (A3).
        guard fsync(descriptor) == 0 else { throw SpoolError("sync directory", path: path, number: errno) }
    }

    public func freeSpace(at path: String) throws -> FreeSpace {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw SpoolError("ask free space of", path: path, number: errno) }
        let block = Int(info.f_frsize)
        return FreeSpace(
            freeBytes: Int(info.f_bavail) * block, totalBytes: Int(info.f_blocks) * block,
            freeInodes: Int(info.f_favail), totalInodes: Int(info.f_files))
    }
}

/// Repeats a system call while it is interrupted.
func retrying(_ call: () -> Int32) -> Int32 {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
