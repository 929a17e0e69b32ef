#if canImport(Glibc)
import Glibc
#endif

/// A directory that an export writes into, held open: what is written lands in it whatever becomes of its path.
///
/// It and all it holds is for its owner alone. No file in it is ever overwritten.
final class ExportDirectory: Sendable {
    /// What publishing a file came to.
    enum Publication {
        case written
        /// There was one of that name with the same bytes.
        case alreadyThere
        /// There was another one of that name, which was left as it is.
        case taken
    }

    let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { Glibc.close(descriptor) }

    /// Makes the directory where it is missing, and takes it for this export alone.
    ///
    /// Called before root becomes the spool's owner: a directory that it makes is given to that owner.
    static func claim(_ path: String, forOwnerOf spool: String) throws -> ExportDirectory {
        try requireOutside(spool, path)
        if mkdir(path, 0o700) != 0 {
            guard errno == EEXIST else { throw failure("create", path) }
        } else {
            var owner = stat()
            if geteuid() == 0, stat(spool, &owner) == 0, chown(path, owner.st_uid, owner.st_gid) != 0 {
                throw failure("give to the spool's owner", path)
            }
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        let directory = ExportDirectory(path: path, descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError(.temporary, "\(path): another export writes into it; wait for its end")
        }
        return directory
    }

    /// Nothing but the spool's own files may lie in a spool.
    private static func requireOutside(_ spool: String, _ path: String) throws {
        // A directory that is still to be made is where its parent is.
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let inner = realpath(path, nil) ?? realpath(parent, nil) else { throw failure("resolve", path) }
        defer { free(inner) }
        guard let outer = realpath(spool, nil) else { return }
        defer { free(outer) }
        if (String(cString: inner) + "/").hasPrefix(String(cString: outer) + "/") {
            throw CommandError(.usage, "\(path) lies in the spool; give a directory elsewhere")
        }
    }

    /// The directory of that name in this one, made where it is missing.
    func subdirectory(_ name: String) throws -> ExportDirectory {
        guard mkdirat(descriptor, name, 0o700) == 0 || errno == EEXIST else { throw failure("create", name) }
        let inner = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner >= 0 else { throw failure("open", name) }
        return ExportDirectory(path: "\(path)/\(name)", descriptor: inner)
    }

    /// A new file; what an export that was cut short left under this name goes.
    func create(_ name: String) throws -> ExportFile {
        unlinkat(descriptor, name, 0)
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create", name) }
        return ExportFile(descriptor: file, path: "\(path)/\(name)")
    }

    /// Gives a file, written and synced under a temporary name, its own name, unless that is taken.
    func publish(_ temporary: String, as name: String, in other: ExportDirectory? = nil) throws -> Publication {
        let target = other ?? self
        if linkat(descriptor, temporary, target.descriptor, name, 0) == 0 {
            unlinkat(descriptor, temporary, 0)
            return .written
        }
        switch errno {
        case EEXIST:
            let isSame = try target.holds(name, sameAs: temporary, in: self)
            unlinkat(descriptor, temporary, 0)
            return isSame ? .alreadyThere : .taken
        case EPERM, EOPNOTSUPP, EMLINK:
            // A file system without hard links, such as that of a USB stick.
            guard !target.has(name) else {
                let isSame = try target.holds(name, sameAs: temporary, in: self)
                unlinkat(descriptor, temporary, 0)
                return isSame ? .alreadyThere : .taken
            }
            guard renameat(descriptor, temporary, target.descriptor, name) == 0 else { throw failure("rename", name) }
            return .written
        default: throw failure("name", name)
        }
    }

    func has(_ name: String) -> Bool { faccessat(descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }

    func remove(_ name: String) { unlinkat(descriptor, name, 0) }

    /// The names in it, without `.` and `..`.
    func names() throws -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw failure("list", ".") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Puts the names on stable storage.
    func sync() throws {
        guard fsync(descriptor) == 0 else { throw failure("sync", ".") }
    }

    private func holds(_ name: String, sameAs other: String, in directory: ExportDirectory) throws -> Bool {
        let (one, two) = (try open(name), try directory.open(other))
        while true {
            let (left, right) = (try one.read(1 << 20), try two.read(1 << 20))
            if left != right { return false }
            if left.isEmpty { return true }
        }
    }

    /// A file for reading; a link is none.
    func open(_ name: String) throws -> ExportFile {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", name) }
        return ExportFile(descriptor: file, path: "\(path)/\(name)")
    }

    private func failure(_ operation: String, _ name: String) -> CommandError {
        Self.failure(operation, "\(path)/\(name)")
    }

    /// What the system said, with what to do about it.
    static func failure(_ operation: String, _ path: String) -> CommandError {
        let number = errno
        let text = String(cString: strerror(number))
        let remedy =
            switch number {
            case ENOSPC, EDQUOT:
                "; make room and give the same command again: what is there already is kept and not written twice"
            case EACCES, EPERM, EROFS: "; the spool's owner must be able to write there"
            default: ""
            }
        return CommandError(.inputOutput, "cannot \(operation) \(path): \(text)\(remedy)")
    }
}
