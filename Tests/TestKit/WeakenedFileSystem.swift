public import Spool

/// A file system with one of the mistakes that lose mail. A test of durability that passes on it is worth nothing.
public struct WeakenedFileSystem: SpoolFileSystem {
    public enum Weakness: Sendable, CaseIterable {
        case ignoresFileSync, ignoresDirectorySync
        /// Asks again after a failed sync and believes the second answer.
        case repeatsFailedSync
    }

    private let base: any SpoolFileSystem
    private let weakness: Weakness

    public init(_ base: any SpoolFileSystem, _ weakness: Weakness) {
        self.base = base
        self.weakness = weakness
    }

    public func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile {
        WeakenedFile(try base.open(path, mode), weakness)
    }

    public func createDirectory(_ path: String) throws { try base.createDirectory(path) }
    public func list(_ directory: String) throws -> [String] { try base.list(directory) }
    public func rename(_ from: String, to: String) throws { try base.rename(from, to: to) }
    public func remove(_ path: String) throws { try base.remove(path) }
    public func freeSpace(at path: String) throws -> FreeSpace { try base.freeSpace(at: path) }

    public func syncDirectory(_ path: String) throws {
        if weakness != .ignoresDirectorySync { try base.syncDirectory(path) }
    }
}

private final class WeakenedFile: SpoolFile {
    private let base: any SpoolFile
    private let weakness: WeakenedFileSystem.Weakness

    init(_ base: any SpoolFile, _ weakness: WeakenedFileSystem.Weakness) {
        self.base = base
        self.weakness = weakness
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws { try base.write(pieces, at: offset) }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try base.read(into: buffer, at: offset)
    }
    func truncate(to size: Int) throws { try base.truncate(to: size) }
    func isInPlace() -> Bool { base.isInPlace() }
    func size() throws -> Int { try base.size() }
    func dropCache(from offset: Int) { base.dropCache(from: offset) }
    func close() { base.close() }

    func sync() throws {
        switch weakness {
        case .ignoresFileSync: return
        case .ignoresDirectorySync: try base.sync()
        case .repeatsFailedSync:
            do { try base.sync() } catch { try base.sync() }
        }
    }
}
