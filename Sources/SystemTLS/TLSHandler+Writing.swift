public import NIOCore

extension TLSHandler {
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        switch state {
        case .closed: promise?.fail(ChannelError.ioOnClosedChannel)
        case .open, .idle, .handshaking:
            guard !outputClosed else {
                promise?.fail(ChannelError.outputClosed)
                return
            }
            queue(bytes, promise, context)
        }
    }

    private func queue(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        guard case .open = state else {
            guard bytes.readableBytes <= limits.pendingWriteBytes - pending.byteCount else {
                promise?.fail(
                    TLSError(
                        .limitExceeded,
                        "More than \(limits.pendingWriteBytes) bytes were written before the TLS handshake."))
                return
            }
            pending.append(bytes, promise)
            return
        }
        pending.append(bytes, promise)
        // Handed on without a flush once it fills a record: the channel then counts it, and its writability tells the truth.
        if pending.byteCount >= TLSLimits.recordBytes { encryptPending(context, onlyFlushed: false) }
    }

    public func flush(context: ChannelHandlerContext) {
        pending.markFlushed()
        guard !isEncrypting else {
            flushDeferred = true
            return
        }
        if case .open = state { encryptPending(context, onlyFlushed: true) }
        // Where much waits it goes out now, or the channel would look as if the peer did not read.
        if isReading, context.channel.isWritable { flushIsDue = true } else { context.flush() }
    }

    /// Writes what was flushed while the handshake ran.
    func writeFlushed(_ context: ChannelHandlerContext) {
        guard case .open = state, pending.hasFlushed else { return }
        encryptPending(context, onlyFlushed: true)
        context.flush()
    }

    /// Encrypts what waits and hands it on in chunks of many records; each promise goes with the chunk that ends its write.
    private func encryptPending(_ context: ChannelHandlerContext, onlyFlushed: Bool) {
        guard !isEncrypting else { return }
        isEncrypting = true
        var promise: EventLoopPromise<Void>?
        while case .open = state, let (bytes, own) = pending.next(onlyFlushed: onlyFlushed) {
            if let error = encrypt(bytes.readableBytesView, earlier: &promise, context) {
                own?.fail(error)
                break
            }
            promise = .joined(promise, own)
            if session.outputBytes >= TLSLimits.outputChunkBytes { handOn(&promise, context) }
        }
        if session.outputBytes > 0 || promise != nil { handOn(&promise, context) }
        isEncrypting = false
        guard flushDeferred else { return }
        flushDeferred = false
        flush(context: context)
    }

    /// Encrypts one write whole; `earlier` is the promise of the writes before it whose bytes still wait in the output.
    private func encrypt(
        _ bytes: ByteBufferView, earlier: inout EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) -> (any Error)? {
        var rest = bytes
        while !rest.isEmpty {
            // Handing on told somebody, who closed.
            guard case .open = state, !outputClosed else { return ChannelError.ioOnClosedChannel }
            let part = rest.prefix(TLSLimits.recordBytes)
            rest = rest.dropFirst(part.count)
            if let error = session.encrypt(part) {
                fail(context, error)
                return error
            }
            if session.outputBytes >= TLSLimits.outputChunkBytes, !rest.isEmpty { handOn(&earlier, context) }
        }
        return nil
    }

    private func handOn(_ promise: inout EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        let settled = promise
        promise = nil
        heldBytes = 0
        context.write(wrapOutboundOut(session.takeOutput(context.channel.allocator)), promise: settled)
    }

    /// Sends what libssl wants to say by itself: handshake, alerts, key updates.
    func sendOutput(_ context: ChannelHandlerContext) {
        guard session.outputBytes > heldBytes else { return }
        heldBytes = 0
        flushIsDue = false
        context.writeAndFlush(wrapOutboundOut(session.takeOutput(context.channel.allocator)), promise: nil)
    }
}
