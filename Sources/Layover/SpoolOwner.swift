#if canImport(Glibc)
import Glibc
#endif

/// The user that owns a spool. Commands act as that user, so that no file of another's is left in it.
enum SpoolOwner {
    /// Who called, for the journal: also after a change of user.
    nonisolated(unsafe) private(set) static var caller = loginName()  // Safe because it is set once, before any thread starts.

    /// When root calls and the directory belongs to somebody else, becomes that user. Throws where what is needed is not there, and
    /// where the caller may not work in it.
    static func become(ownerOf directory: String, needing need: SpoolNeed = .spool) throws {
        _ = caller
        var info = stat()
        if geteuid() == 0, stat(directory, &info) == 0, info.st_uid != 0 {
            guard setgroups(0, nil) == 0, setgid(info.st_gid) == 0, setuid(info.st_uid) == 0 else {
                throw CommandError(
                    .internalError,
                    "cannot become the owner of \(directory) (user \(info.st_uid)): \(String(cString: strerror(errno)))"
                )
            }
        }
        try need.require(of: directory)
    }

    /// Throws where the caller may not work in the directory; one that is missing is no matter.
    static func requireAccess(to directory: String) throws {
        guard access(directory, R_OK | W_OK | X_OK) != 0, errno == EACCES else { return }
        var info = stat()
        guard stat(directory, &info) == 0 else {
            throw CommandError(
                .noPermission,
                "as \(name(of: geteuid())) you may not look at \(directory): run this as root or as the owner of the spool"
            )
        }
        let owner = name(of: info.st_uid)
        throw CommandError(
            .noPermission,
            "\(directory) belongs to \(owner), and as \(name(of: geteuid())) you may not work in it: run this as root\(info.st_uid == 0 ? "" : " or as \(owner)")"
        )
    }

    /// A user's name; `user 4711` for one that the system does not know.
    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "user \(user)" }
        return String(cString: name)
    }

    private static func loginName() -> String {
        if let sudo = getenv("SUDO_USER") { return String(cString: sudo) }
        return name(of: getuid())
    }
}
