import Foundation
import Spool
import Synchronization

/// The real disk, with faults: a directory that hangs, an operation that fails, a size that is made up.
final class ScriptedFileSystem: SpoolFileSystem {
    enum Operation: Hashable { case create, write, sync, rename }

    private struct Script {
        var free: FreeSpace?
        var freeFailure: Int32?
        var failures: [Operation: (directory: String, number: Int32)] = [:]
    }

    private let disk = POSIXFileSystem()
    private let script = Mutex(Script())
    /// Writes to `large/` and `segments/` wait here.
    let largeGate = Gate()
    let segmentGate = Gate()
    /// What asks whether the disk is there waits here.
    let probeGate = Gate()

    func setFree(bytes: Int, total: Int = 1 << 40, inodes: Int = 1_000_000, totalInodes: Int = 1_000_000) {
        script.withLock {
            $0.free = FreeSpace(freeBytes: bytes, totalBytes: total, freeInodes: inodes, totalInodes: totalInodes)
        }
    }

    /// From now on nobody can say how much room there is.
    func failFree(with number: Int32?) { script.withLock { $0.freeFailure = number } }

    /// From now on the operation fails in a directory (`segments`, `large`).
    func fail(_ operation: Operation, in directory: String, with number: Int32) {
        script.withLock { $0.failures[operation] = ("/\(directory)/", number) }
    }

    func heal() { script.withLock { $0.failures = [:] } }

    fileprivate func check(_ operation: Operation, _ path: String) throws {
        if operation == .write || operation == .sync {
            if path.hasSuffix("/locks/probe") { probeGate.pass() }
            if path.contains("/large/") { largeGate.pass() }
            if path.contains("/segments/"), path.hasSuffix(".seg") { segmentGate.pass() }
        }
        let failure = script.withLock { $0.failures[operation] }
        if let failure, path.contains(failure.directory), !path.hasSuffix("committed") {
            throw SpoolError("\(operation)", path: path, number: failure.number)
        }
    }

    func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile {
        if case .createNew = mode { try check(.create, path) }
        return ScriptedFile(try disk.open(path, mode), path: path, owner: self)
    }

    func createDirectory(_ path: String) throws { try disk.createDirectory(path) }
    func list(_ directory: String) throws -> [String] { try disk.list(directory) }
    func rename(_ from: String, to: String) throws {
        try check(.rename, from)
        try disk.rename(from, to: to)
    }
    func remove(_ path: String) throws { try disk.remove(path) }
    func syncDirectory(_ path: String) throws { try disk.syncDirectory(path) }
    func freeSpace(at path: String) throws -> FreeSpace {
        let script = script.withLock { $0 }
        if let number = script.freeFailure { throw SpoolError("statvfs", path: path, number: number) }
        return try script.free ?? disk.freeSpace(at: path)
    }
}

/// An open file whose writes and syncs ask the script first.
private final class ScriptedFile: SpoolFile {
    private let file: any SpoolFile
    private let path: String
    private let owner: ScriptedFileSystem

    init(_ file: any SpoolFile, path: String, owner: ScriptedFileSystem) {
        self.file = file
        self.path = path
        self.owner = owner
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws {
        try owner.check(.write, path)
        try file.write(pieces, at: offset)
    }
    func sync() throws {
        try owner.check(.sync, path)
        try file.sync()
    }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try file.read(into: buffer, at: offset)
    }
    func truncate(to size: Int) throws { try file.truncate(to: size) }
    func isInPlace() -> Bool { file.isInPlace() }
    func size() throws -> Int { try file.size() }
    func dropCache(from offset: Int) { file.dropCache(from: offset) }
    func close() { file.close() }
}
