import NIOCore

/// The one buffer into which the sockets of an event loop are read. A session takes what it needs out of it at once, so that
/// idle ones hold no memory for reading, however much they have once sent, and busy ones find it in the processor's cache.
///
/// Used on its event loop only. A buffer that somebody still looks at when it comes back is safe: writing into it makes a copy.
final class ReadBuffer {
    /// A whole TLS record, or most messages; below what malloc gives back to the system each time.
    static let octets = 32 << 10

    private let allocator: ByteBufferAllocator
    private var spare: ByteBuffer?

    init(allocator: ByteBufferAllocator = ByteBufferAllocator()) { self.allocator = allocator }

    func take() -> ByteBuffer {
        guard var buffer = spare.take() else { return allocator.buffer(capacity: Self.octets) }
        buffer.clear()
        return buffer
    }

    func giveBack(_ buffer: ByteBuffer) {
        if buffer.storageCapacity == Self.octets { spare = buffer }
    }

    /// The unread octets in a buffer of their own size; this one goes back.
    func keeping(_ buffer: ByteBuffer) -> ByteBuffer {
        guard buffer.storageCapacity == Self.octets, buffer.readableBytes < Self.octets / 2 else {
            var kept = buffer
            kept.discardReadBytes()
            return kept
        }
        var kept = allocator.buffer(capacity: buffer.readableBytes)
        kept.writeImmutableBuffer(buffer)
        giveBack(buffer)
        return kept
    }

    /// For `ChannelOptions.recvAllocator`, together with one read at a time: NIO keeps the first buffer of a channel for itself,
    /// and one more for each further read of a turn.
    struct Allocator: RecvByteBufferAllocator {
        /// Enough for a greeting.
        private static let firstOctets = 256

        private let shared: NIOLoopBound<ReadBuffer>
        private var hasRead = false

        init(_ shared: NIOLoopBound<ReadBuffer>) { self.shared = shared }

        func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
            hasRead ? shared.value.take() : allocator.buffer(capacity: Self.firstOctets)
        }

        /// True asks for another buffer than the one before.
        mutating func record(actualReadBytes: Int) -> Bool {
            hasRead = true
            return true
        }
    }
}
