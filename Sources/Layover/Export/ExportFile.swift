import MailModel
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// One file of an export while it is written or read. Used by one thread at a time.
final class ExportFile: @unchecked Sendable {  // Safe because it is handed over whole; two threads never hold it at once.
    private static let bufferLength = 256 << 10

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// Bytes written so far.
    private(set) var size = 0

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        buffer.append(contentsOf: bytes)
        size += bytes.count
        if buffer.count >= Self.bufferLength { try flush() }
    }

    func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Hands what waits to the system. To be called before anything but `write`.
    func flush() throws {
        var rest = buffer[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw ExportDirectory.failure("write", path) }
            rest = rest.dropFirst(written)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Takes everything behind `length` back.
    func cut(to length: Int) throws {
        try flush()
        guard ftruncate(descriptor, length) == 0, lseek(descriptor, length, SEEK_SET) == length else {
            throw ExportDirectory.failure("truncate", path)
        }
        size = length
    }

    /// Sets the time that listings and Maildir readers show.
    func setTime(_ time: Timestamp) {
        let moment = timespec(
            tv_sec: Int(time.seconds), tv_nsec: Int(time.milliseconds - time.seconds * 1000) * 1_000_000)
        _ = withUnsafePointer(to: (moment, moment)) { pointer in
            pointer.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(descriptor, $0) }
        }
    }

    /// When this returns, the bytes are on stable storage. A failed sync is not asked again.
    func sync() throws {
        try flush()
        guard fsync(descriptor) == 0 else { throw ExportDirectory.failure("sync", path) }
    }

    /// The next bytes; empty at the end.
    func read(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count, let base = buffer.baseAddress {
                let result = Glibc.read(descriptor, base + filled, count - filled)
                if result < 0 && errno == EINTR { continue }
                guard result >= 0 else { throw ExportDirectory.failure("read", path) }
                if result == 0 { return }
                filled += result
            }
        }
    }

    /// The length of the file as it is on disk.
    func length() throws -> Int {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw ExportDirectory.failure("look at", path) }
        return Int(info.st_size)
    }

    /// The digest of everything from here on.
    func digest() throws -> SHA256Digest {
        let hasher = SHA256Hasher()
        while true {
            let piece = try read(1 << 20)
            if piece.isEmpty { return hasher.finish() }
            piece.withUnsafeBytes { hasher.update($0) }
        }
    }
}
