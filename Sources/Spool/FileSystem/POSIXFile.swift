import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// An open file of the real disk.
final class POSIXFile: SpoolFile {
    /// The kernel takes at most so many pieces in one gathered write (IOV_MAX).
    private static let piecesPerCall = 1024

    private let descriptor: Int32
    private let path: String
    private let calls: FileCalls
    private let isOpen = Atomic<Bool>(true)

    init(descriptor: Int32, path: String, calls: FileCalls) {
        self.descriptor = descriptor
        self.path = path
        self.calls = calls
    }

    deinit { close() }

    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int) throws {
        var vectors = pieces.lazy.filter { !$0.isEmpty }.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }[...].reduce(into: [iovec]()) { $0.append($1) }
        var next = 0
        var position = offset
        while next < vectors.count {
            let count = min(vectors.count - next, Self.piecesPerCall)
            let written = vectors.withUnsafeBufferPointer { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                while true {
                    let result = calls.write(descriptor, base + next, Int32(count), position)
                    if result >= 0 || errno != EINTR { return result }
                }
            }
            guard written > 0 else {
                throw SpoolError("write", path: path, number: written == 0 ? ENOSPC : errno)
            }
            position += written
            Self.advance(&vectors, from: &next, by: written)
        }
    }

    /// Takes `count` written bytes off the front of the vectors.
    private static func advance(_ vectors: inout [iovec], from next: inout Int, by count: Int) {
        var rest = count
        while rest > 0, next < vectors.count {
            let length = vectors[next].iov_len
            if rest >= length {
                rest -= length
                next += 1
            } else {
                vectors[next].iov_base = vectors[next].iov_base.map { $0 + rest }
                vectors[next].iov_len = length - rest
                rest = 0
            }
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let result = calls.read(descriptor, base + filled, buffer.count - filled, offset + filled)
            if result < 0 {
                if errno == EINTR { continue }
                throw SpoolError("read", path: path, number: errno)
            }
            if result == 0 { break }
            filled += result
        }
        return filled
    }

    func sync() throws {
        // No retry, not even after EINTR: a failed sync cannot be asked again (A3).
        guard calls.sync(descriptor) == 0 else { throw SpoolError("sync", path: path, number: errno) }
    }

    func truncate(to size: Int) throws {
        guard retrying({ calls.truncate(descriptor, size) }) == 0 else {
            throw SpoolError("truncate", path: path, number: errno)
        }
    }

    func size() throws -> Int { Int(try status().st_size) }

    /// False for a directory, a pipe or a device that stands in a file's place.
    func isRegular() throws -> Bool { try status().st_mode & S_IFMT == S_IFREG }

    func stamp() throws -> FileStamp? {
        let status = try status()
        return FileStamp(
            device: status.st_dev, inode: status.st_ino, size: Int(status.st_size),
            modified: Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec),
            changed: Int(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int(status.st_ctim.tv_nsec))
    }

    func isInPlace() -> Bool {
        var named = stat()
        // Only a clear answer counts: where the name cannot be asked for, the next new file will say why.
        guard lstat(path, &named) == 0 else { return errno != ENOENT && errno != ENOTDIR }
        guard let opened = try? status() else { return true }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }

    private func status() throws -> stat {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw SpoolError("ask size of", path: path, number: errno) }
        return info
    }

    func dropCache(from offset: Int) {
        _ = posix_fadvise(descriptor, offset, 0, POSIX_FADV_DONTNEED)
    }

    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }
}
