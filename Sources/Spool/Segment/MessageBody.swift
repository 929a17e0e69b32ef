#if canImport(Glibc)
import Glibc
#endif

/// The bytes of one message in memory, growing as they arrive.
///
/// It has one owner at a time: the session that fills it, then the writer that puts it on disk.
public final class MessageBody: @unchecked Sendable {  // Safe because it is handed over whole; two threads never hold it at once.
    private var base: UnsafeMutableRawPointer?
    private var capacity: Int
    private let expected: Int
    public private(set) var count = 0

    /// - Parameters:
    ///   - capacity: bytes to have ready.
    ///   - expected: how large it may become, such as the SIZE that was declared: towards that it grows in larger steps, and not
    ///     beyond. Nothing is had ready for it.
    public init(capacity: Int = 0, expected: Int = 0) {
        self.capacity = capacity
        self.expected = expected
        base = capacity > 0 ? malloc(capacity) : nil
        if base == nil { self.capacity = 0 }
    }

    deinit { free(base) }

    /// Bytes that it occupies, filled or not.
    public var footprint: Int { capacity }

    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        if count + bytes.count > capacity { grow(to: count + bytes.count) }
        guard let base else { return }
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    public func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// The filled bytes; valid until the next call.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    private func grow(to needed: Int) {
        // In proportion to what is here: who only declares much gets little.
        let wanted =
            needed <= expected ? max(needed, min(expected, capacity * 4)) : max(needed, capacity * 2, 16 << 10)
        guard let grown = realloc(base, wanted) else { fatalError("no memory for \(wanted) bytes of a message body") }
        base = grown
        capacity = wanted
    }
}
