public import Spool
import Synchronization

/// A file system with one of the mistakes that lose mail. A test of durability that passes on it is worth nothing.
public struct WeakenedFileSystem: SpoolFileSystem {
    /// A mistake, and the paths that it is made with: those that contain `place`.
    public struct Weakness: Sendable, Hashable, CustomStringConvertible {
        public enum Mistake: String, Sendable {
            case ignoresFileSync, ignoresDirectorySync
            /// Asks again after a failed sync and believes the second answer.
            case repeatsFailedSync
            /// Goes on after a failed sync as if nothing had been.
            case believesFailedSync
            /// Says that a file is synced, and syncs it before the next thing that is done with it.
            case syncsLate
            /// Reads a file that was found without syncing it first.
            case readsWithoutSync
            /// Leaves a file as long as it is.
            case ignoresTruncate
            /// Ends a file without its seal.
            case skipsSeal
            /// Gives a file its name before its bytes are synced.
            case renamesBeforeSync
        }

        public var mistake: Mistake
        public var place: String

        public init(_ mistake: Mistake, _ place: String = "/") {
            self.mistake = mistake
            self.place = place
        }

        public var description: String { place == "/" ? mistake.rawValue : "\(mistake.rawValue) in \(place)" }

        func applies(to path: String) -> Bool { "\(path)/".contains(place) }
    }

    private let base: any SpoolFileSystem
    private let weakness: Weakness

    public init(_ base: any SpoolFileSystem, _ weakness: Weakness) {
        self.base = base
        self.weakness = weakness
    }

    public func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile {
        let file = try base.open(path, mode)
        return weakness.applies(to: path) ? WeakenedFile(file, weakness.mistake) : file
    }

    public func createDirectory(_ path: String) throws { try base.createDirectory(path) }
    public func list(_ directory: String) throws -> [String] { try base.list(directory) }
    public func remove(_ path: String) throws { try base.remove(path) }
    public func freeSpace(at path: String) throws -> FreeSpace { try base.freeSpace(at: path) }

    public func rename(_ from: String, to: String) throws {
        try base.rename(from, to: to)
        if weakness.mistake == .renamesBeforeSync, weakness.applies(to: from) { try base.open(to, .readOnly).sync() }
    }

    public func syncDirectory(_ path: String) throws {
        if weakness.mistake == .ignoresDirectorySync, path.hasSuffix(weakness.place) || weakness.place == "/" { return }
        try base.syncDirectory(path)
    }
}

private final class WeakenedFile: SpoolFile {
    private let base: any SpoolFile
    private let mistake: WeakenedFileSystem.Weakness.Mistake
    private let state = Mutex((isWritten: false, owesSync: false))

    init(_ base: any SpoolFile, _ mistake: WeakenedFileSystem.Weakness.Mistake) {
        self.base = base
        self.mistake = mistake
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws {
        try pay()
        state.withLock { $0.isWritten = true }
        // A seal is the only record of kind S.
        if mistake == .skipsSeal, pieces.count == 1, pieces[0].count > 26, pieces[0][26] == UInt8(ascii: "S") { return }
        try base.write(pieces, at: offset)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try base.read(into: buffer, at: offset)
    }

    func truncate(to size: Int) throws {
        try pay()
        if mistake != .ignoresTruncate { try base.truncate(to: size) }
    }

    func size() throws -> Int { try base.size() }
    func stamp() throws -> FileStamp? { try base.stamp() }
    func isInPlace() -> Bool { base.isInPlace() }
    func dropCache(from offset: Int) { base.dropCache(from: offset) }
    func close() { base.close() }

    func sync() throws {
        switch mistake {
        case .ignoresFileSync, .renamesBeforeSync: return
        case .ignoresDirectorySync, .ignoresTruncate, .skipsSeal: try base.sync()
        case .repeatsFailedSync:
            do { try base.sync() } catch { try base.sync() }
        case .believesFailedSync: try? base.sync()
        case .syncsLate: state.withLock { $0.owesSync = true }
        case .readsWithoutSync: if state.withLock({ $0.isWritten }) { try base.sync() }
        }
    }

    private func pay() throws {
        let owes = state.withLock { state in
            defer { state.owesSync = false }
            return state.owesSync
        }
        if owes { try base.sync() }
    }
}
