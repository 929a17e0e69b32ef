/// The disk as the spool uses it: few operations, so that a test can make each one fail.
///
/// Every call blocks. Interrupted calls (EINTR) are repeated inside; every other failure throws a ``SpoolError`` and, for
/// writes, syncs and renames, leaves unknown what is on disk (Durability A3).
public protocol SpoolFileSystem: Sendable {
    /// Opens a file. `.createNew` fails when the name exists.
    func open(_ path: String, _ mode: FileMode) throws -> any SpoolFile
    /// Creates the directory where it is missing; the parent must exist.
    func createDirectory(_ path: String) throws
    /// The names in a directory, in no order, without `.` and `..`. Throws `.missing` where there is no directory.
    func list(_ directory: String) throws -> [String]
    /// As `list`, without links, pipes, directories and whatever else is no file of ours.
    func regularFiles(in directory: String) throws -> [String]
    func rename(_ from: String, to: String) throws
    func remove(_ path: String) throws
    /// Puts the directory's names on stable storage.
    func syncDirectory(_ path: String) throws
    /// What the file system of `path` can still take.
    func freeSpace(at path: String) throws -> FreeSpace
    /// What tells the file at `path` from a copy of it; nil, the default, where it cannot be told.
    func birth(of path: String) throws -> FileBirth?
}

/// How a file is opened.
public enum FileMode: Sendable {
    case readOnly
    /// For reading and writing, created empty where it is missing.
    case readWrite
    /// For reading and writing; the name must not exist yet.
    case createNew
}

/// An open file. Closed when the last reference goes, or by `close`.
public protocol SpoolFile: AnyObject, Sendable {
    /// Writes all pieces one after the other from `offset` on; continues short writes.
    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws
    /// Reads up to `buffer.count` bytes from `offset`; fewer only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int
    /// `fdatasync`: bytes and size are on stable storage when this returns.
    func sync() throws
    func truncate(to size: Int) throws
    func size() throws -> Int
    /// What tells this file in this state from every other; nil where the file system cannot say.
    func stamp() throws -> FileStamp?
    /// False once the name that it was opened by leads to no file, or to another: it was moved or removed.
    func isInPlace() -> Bool
    /// Forgets cached pages from `offset` on, so that the next read comes from the disk. Synced pages only; a hint.
    func dropCache(from offset: Int)
    func close()
}

/// What a file system can still take.
public struct FreeSpace: Sendable, Hashable {
    public var freeBytes: Int
    public var totalBytes: Int
    public var freeInodes: Int
    public var totalInodes: Int

    public init(freeBytes: Int, totalBytes: Int, freeInodes: Int, totalInodes: Int) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.freeInodes = freeInodes
        self.totalInodes = totalInodes
    }
}

/// A file and its state: while the stamp is the same, so are the bytes.
public struct FileStamp: Hashable, Sendable {
    public var device: UInt
    public var inode: UInt
    public var size: Int
    /// Nanoseconds since 1970, by the clock of the day: to be compared for equality only.
    public var modified: Int
    public var changed: Int

    public init(device: UInt, inode: UInt, size: Int, modified: Int, changed: Int) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }
}

extension SpoolFile {
    public func stamp() throws -> FileStamp? { nil }
    public func isInPlace() -> Bool { true }

    /// Writes one array.
    func write(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { try write([$0], at: offset) }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }
}

extension SpoolFileSystem {
    public func regularFiles(in directory: String) throws -> [String] { try list(directory) }

    /// The numbers of the files `00000001<suffix>`… in a directory, ascending; empty where there is no directory.
    func numbers(in directory: String, suffix: String) throws -> [Int] {
        try numbers(suffix: suffix) { try regularFiles(in: directory) }
    }

    /// The first number that no name in the directory has, nor any after it. A link or a directory that bears such a name is none
    /// of our files, and still in the way of one.
    func freeNumber(in directory: String, suffix: String) throws -> Int {
        (try numbers(suffix: suffix) { try list(directory) }.last ?? 0) + 1
    }

    private func numbers(suffix: String, _ names: () throws -> [String]) throws -> [Int] {
        do {
            return try names().compactMap { SpoolLayout.number(in: $0, suffix: suffix) }.sorted()
        } catch let error as SpoolError where error.code == .missing {
            return []
        }
    }
}
