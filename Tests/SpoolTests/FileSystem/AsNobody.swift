import Spool

#if canImport(Glibc)
import Glibc
#endif

/// The real disk as the user `nobody` sees it, for tests that root runs: root is refused nothing.
///
/// The identity that files are checked against belongs to a thread (setfsuid(2)), so no other test notices. Locks are taken
/// with the test's own.
struct AsNobody: SpoolFileSystem {
    static let user: UInt32 = 65_534
    private let base = POSIXFileSystem()

    private typealias SetUser = @convention(c) (UInt32) -> Int32
    /// setfsuid(2), which the C library's module does not show.
    private static let setUser: SetUser? = dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: SetUser.self) }

    private func acting<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard geteuid() == 0, let setUser = Self.setUser else { return try body() }
        _ = setUser(Self.user)
        defer { _ = setUser(0) }
        return try body()
    }

    func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile { try acting { try base.open(path, mode) } }
    func createDirectory(_ path: String) throws { try acting { try base.createDirectory(path) } }
    func list(_ directory: String) throws -> [String] { try acting { try base.list(directory) } }
    func regularFiles(in directory: String) throws -> [String] { try acting { try base.regularFiles(in: directory) } }
    func rename(_ from: String, to: String) throws { try acting { try base.rename(from, to: to) } }
    func remove(_ path: String) throws { try acting { try base.remove(path) } }
    func syncDirectory(_ path: String) throws { try acting { try base.syncDirectory(path) } }
    func freeSpace(at path: String) throws -> FreeSpace { try acting { try base.freeSpace(at: path) } }
}
