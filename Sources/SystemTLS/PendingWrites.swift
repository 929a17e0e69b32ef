import NIOCore

/// Clear text that waits to be encrypted, with the promises of those who wrote it.
struct PendingWrites {
    private var writes: CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)> = []
    /// How many of the writes were flushed.
    private var flushedCount = 0
    /// The bytes that wait.
    private(set) var byteCount = 0

    mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        writes.append((bytes, promise))
        byteCount += bytes.readableBytes
    }

    /// Everything that was written so far has been flushed.
    mutating func markFlushed() { flushedCount = writes.count }

    var hasFlushed: Bool { flushedCount > 0 }

    /// Takes the next writes that make one record together, or one write that makes several; nil when none is left (or,
    /// with `onlyFlushed`, when the rest was not flushed).
    ///
    /// Fifty replies to fifty pipelined commands become one record instead of fifty.
    mutating func next(onlyFlushed: Bool) -> (bytes: ByteBuffer, promise: EventLoopPromise<Void>?)? {
        guard var (bytes, promise) = popFirst(onlyFlushed: onlyFlushed) else { return nil }
        while let following = writes.first, !onlyFlushed || hasFlushed,
            bytes.readableBytes + following.bytes.readableBytes <= TLSLimits.recordBytes,
            let (more, other) = popFirst(onlyFlushed: onlyFlushed)
        {
            bytes.writeImmutableBuffer(more)
            promise = .joined(promise, other)
        }
        return (bytes, promise)
    }

    private mutating func popFirst(onlyFlushed: Bool) -> (bytes: ByteBuffer, promise: EventLoopPromise<Void>?)? {
        guard !onlyFlushed || hasFlushed, let first = writes.popFirst() else { return nil }
        flushedCount = max(0, flushedCount - 1)
        byteCount -= first.bytes.readableBytes
        return first
    }

    /// Takes everything out and fails it.
    mutating func fail(_ error: any Error) {
        let failed = writes
        self = PendingWrites()
        for write in failed { write.promise?.fail(error) }
    }
}

extension EventLoopPromise<Void>? {
    /// One promise that fulfils both.
    static func joined(_ first: Self, _ second: Self) -> Self {
        guard let first else { return second }
        if let second { first.futureResult.cascade(to: second) }
        return first
    }
}
