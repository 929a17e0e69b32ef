public import Spool
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A disk in memory that forgets what was not synced, and fails when it is told to.
///
/// It keeps what a running system sees (`kill` leaves that) apart from what is on stable storage (a power cut leaves that, and a
/// random mixture of what was written since). Everything random comes from the seed, so a run can be repeated.
public final class PowerCutFileSystem: SpoolFileSystem, Sendable {
    private let disk: Mutex<Disk>

    /// - Parameter root: the one directory that exists and is durable; the spool's parent.
    public init(root: String, seed: UInt64) {
        disk = Mutex(Disk(names: CachedNames(root: root), random: SeededGenerator(seed: seed)))
    }

    private init(_ disk: Disk) { self.disk = Mutex(disk) }

    /// The same disk under a new process: nothing that was written is missing.
    public func afterKill() -> PowerCutFileSystem {
        var copy = disk.withLock { $0 }
        copy.calm()
        return PowerCutFileSystem(copy)
    }

    /// The same disk after the power was cut and came back.
    public func afterPowerCut(seed: UInt64) -> PowerCutFileSystem {
        var copy = disk.withLock { $0 }
        copy.calm()
        copy.random = SeededGenerator(seed: seed)
        copy.losePower()
        return PowerCutFileSystem(copy)
    }

    /// What shall go wrong from now on; operations are counted from here.
    public func plan(_ faults: [PlannedFault]) {
        disk.withLock {
            $0.calm()
            $0.faults = faults
        }
    }

    /// What a file holds on stable storage for certain; nil where there is no such file.
    public func stored(of path: String) -> [UInt8]? {
        disk.withLock { disk in disk.file(path).map { disk.files[$0].stored } }
    }

    /// How many operations of these kinds were asked for since the last plan.
    public func count(of kinds: Set<DiskOperation> = DiskOperation.changes) -> Int {
        disk.withLock { disk in kinds.reduce(0) { $0 + disk.counts[$1, default: 0] } }
    }

    /// The operations of these kinds that were asked for since the last plan, in order.
    public func log(of kinds: Set<DiskOperation> = DiskOperation.changes) -> [DiskOperation] {
        disk.withLock { disk in disk.log.filter(kinds.contains) }
    }

    /// A file's bytes as the running system sees them; nil where there is no such file.
    public func content(of path: String) -> [UInt8]? {
        disk.withLock { disk in disk.file(path).map { disk.files[$0].cache } }
    }

    /// Puts bytes into a file behind everybody's back, on stable storage.
    public func corrupt(_ path: String, _ change: (inout [UInt8]) -> Void) {
        disk.withLock { disk in
            guard let file = disk.file(path) else { return }
            var bytes = disk.files[file].cache
            change(&bytes)
            disk.files[file].truncate(to: 0)
            bytes.withUnsafeBytes { disk.files[file].write($0, at: 0) }
            disk.files[file].sync()
        }
    }

    public func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile {
        try disk.withLock { disk in
            let known = disk.file(path)
            if mode != .readOnly, known == nil {
                try disk.attempt(.create, path)
                guard disk.names[CachedNames.parent(path)] == .directory else {
                    throw SpoolError("open", path: path, number: ENOENT)
                }
                disk.files.append(CachedContent())
                disk.names.add(path, .file(disk.files.count - 1))
                return PowerCutFile(disk.files.count - 1, path, self)
            }
            try disk.attempt(.open, path)
            guard let known else { throw SpoolError("open", path: path, number: ENOENT) }
            guard mode != .createNew else { throw SpoolError("open", path: path, number: EEXIST) }
            return PowerCutFile(known, path, self)
        }
    }

    public func createDirectory(_ path: String) throws {
        try disk.withLock { disk in
            guard disk.names[path] == nil else { return }
            try disk.attempt(.createDirectory, path)
            guard disk.names[CachedNames.parent(path)] == .directory else {
                throw SpoolError("create directory", path: path, number: ENOENT)
            }
            disk.names.add(path, .directory)
        }
    }

    public func list(_ directory: String) throws -> [String] {
        try disk.withLock { disk in
            try disk.attempt(.list, directory)
            guard disk.names[directory] == .directory else { throw SpoolError("list", path: directory, number: ENOENT) }
            // A directory's order is nobody's promise.
            return disk.names.names(in: directory).shuffled(using: &disk.random)
        }
    }

    public func rename(_ from: String, to: String) throws {
        try disk.withLock { disk in
            try disk.attempt(.rename, from)
            guard let entry = disk.names[from] else { throw SpoolError("rename", path: from, number: ENOENT) }
            disk.names.rename(from, to, entry)
        }
    }

    public func remove(_ path: String) throws {
        try disk.withLock { disk in
            try disk.attempt(.remove, path)
            guard disk.names[path] != nil else { throw SpoolError("remove", path: path, number: ENOENT) }
            disk.names.remove(path)
        }
    }

    public func syncDirectory(_ path: String) throws {
        try disk.withLock { disk in
            try disk.attempt(.syncDirectory, path)
            guard disk.names[path] == .directory else { throw SpoolError("open directory", path: path, number: ENOENT) }
            disk.names.sync(path)
        }
    }

    public func freeSpace(at path: String) throws -> FreeSpace {
        FreeSpace(freeBytes: 1 << 40, totalBytes: 1 << 41, freeInodes: 1 << 20, totalInodes: 1 << 21)
    }

    fileprivate func with<Result>(_ body: (inout Disk) throws -> Result) rethrows -> Result {
        try disk.withLock { try body(&$0) }
    }
}

/// The whole state of the disk in memory.
private struct Disk: Sendable {
    var names: CachedNames
    var files: [CachedContent] = []
    var random: SeededGenerator
    var faults: [PlannedFault] = []
    var counts: [DiskOperation: Int] = [:]
    /// What was asked for since the last plan, in order.
    var log: [DiskOperation] = []
    var isOff = false

    init(names: CachedNames, random: SeededGenerator) {
        self.names = names
        self.random = random
    }

    func file(_ path: String) -> Int? {
        if case .file(let number)? = names[path] { number } else { nil }
    }

    mutating func calm() {
        faults = []
        counts = [:]
        log = []
        isOff = false
    }

    mutating func losePower() {
        names.losePower(using: &random)
        let before = files.map(\.cache)
        for index in files.indices {
            // Of another file: what a file holds stands in no free block.
            let other = before.indices.filter { $0 != index }.randomElement(using: &random)
            files[index].losePower(foreign: other.map { before[$0] } ?? [], using: &random)
        }
    }

    /// Counts the operation and throws where it is to fail. `partly` does a part of it first.
    mutating func attempt(
        _ operation: DiskOperation, _ path: String, partly: (inout Disk, PlannedFault.Effect) -> Void = { _, _ in }
    ) throws {
        guard !isOff else { throw SpoolError(code: .io, message: "\(operation) \(path): the machine is off") }
        counts[operation, default: 0] += 1
        log.append(operation)
        guard let fault = faults.first(where: { isDue($0, at: operation) }) else { return }
        partly(&self, fault.effect)
        switch fault.effect {
        case .crash:
            isOff = true
            throw SpoolError(code: .io, message: "\(operation) \(path): the machine went off")
        case .error(let number), .shortWrite(let number):
            throw SpoolError(operation.rawValue, path: path, number: number)
        }
    }

    private func isDue(_ fault: PlannedFault, at operation: DiskOperation) -> Bool {
        guard fault.kinds.contains(operation) else { return false }
        let count = fault.kinds.reduce(0) { $0 + counts[$1, default: 0] }
        return count >= fault.number && count - fault.number < fault.lasting
    }
}

/// An open file of the disk in memory. It outlives its name, as on a real disk.
private final class PowerCutFile: SpoolFile {
    private let number: Int
    private let path: String
    private let fileSystem: PowerCutFileSystem

    init(_ number: Int, _ path: String, _ fileSystem: PowerCutFileSystem) {
        self.number = number
        self.path = path
        self.fileSystem = fileSystem
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws {
        let count = pieces.reduce(0) { $0 + $1.count }
        try fileSystem.with { disk in
            try disk.attempt(.write, path) { disk, effect in
                if case .error = effect { return }
                let part = Int.random(in: 0...count, using: &disk.random)
                disk.files[number].write(pieces, upTo: part, at: offset)
            }
            disk.files[number].write(pieces, upTo: count, at: offset)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        try fileSystem.with { disk in
            try disk.attempt(.read, path)
            let bytes = disk.files[number].cache
            guard offset < bytes.count else { return 0 }
            let count = min(buffer.count, bytes.count - offset)
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
            }
            return count
        }
    }

    func sync() throws {
        try fileSystem.with { disk in
            try disk.attempt(.sync, path) { disk, effect in
                if effect != .crash { disk.files[number].failSync(using: &disk.random) }
            }
            disk.files[number].sync()
        }
    }

    func truncate(to size: Int) throws {
        try fileSystem.with { disk in
            try disk.attempt(.truncate, path)
            disk.files[number].truncate(to: size)
        }
    }

    func size() throws -> Int {
        try fileSystem.with { disk in
            try disk.attempt(.size, path)
            return disk.files[number].cache.count
        }
    }

    func stamp() throws -> FileStamp? {
        fileSystem.with { disk in
            let content = disk.files[number]
            return FileStamp(
                device: 0, inode: UInt(number), size: content.cache.count, modified: content.version, changed: 0)
        }
    }

    func isInPlace() -> Bool { fileSystem.with { $0.names[path] == .file(number) } }

    func dropCache(from offset: Int) { fileSystem.with { $0.files[number].dropCache(from: offset) } }

    func close() {}
}
