public import NIOCore

extension TLSHandler {
    public func read(context: ChannelHandlerContext) {
        readWanted = true
        context.read()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !inputClosed else { return }
        isReading = true
        defer { endReading(context) }
        var rest = unwrapInboundIn(data).readableBytesView
        var decrypted = context.channel.allocator.buffer(capacity: rest.count)
        var ending: Ending?
        // A record at a time, so that the buffer inside libssl does not grow to the size of what one read brings.
        while ending == nil, isLive, !rest.isEmpty {
            let part = rest.prefix(TLSLimits.recordBytes)
            rest = rest.dropFirst(part.count)
            ending = take(part, into: &decrypted, context)
        }
        sendOutput(context)
        // Data that came before the end is the peer's, and is passed on before the end is told.
        pass(decrypted, context)
        if let ending { end(ending, context) }
    }

    private func endReading(_ context: ChannelHandlerContext) {
        isReading = false
        guard flushIsDue else { return }
        flushIsDue = false
        context.flush()
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // What came held no data yet. Whoever asked for some, or the handshake, still waits for it.
        switch state {
        case .handshaking: context.read()
        case .open: if readWanted { context.read() }
        case .idle, .closed: break
        }
    }

    /// Why no more is read.
    private enum Ending {
        case closedByPeer
        case failed(TLSError)
    }

    private var isLive: Bool {
        switch state {
        case .handshaking, .open: true
        case .idle, .closed: false
        }
    }

    private func take(_ part: ByteBufferView, into buffer: inout ByteBuffer, _ context: ChannelHandlerContext)
        -> Ending?
    {
        guard session.feed(part) else {
            return .failed(TLSError(.library, "libssl cannot take the peer's bytes: is memory short?"))
        }
        if case .handshaking = state { shakeHands(context) }
        guard case .open = state else { return nil }
        idleBytes &+= part.count
        while true {
            switch session.decrypt(into: &buffer) {
            case .data:
                idleBytes = 0
                if !session.hasInput { return nil }
            case .closed: return .closedByPeer
            case .failed(let error): return .failed(error)
            case .needsInput:
                guard idleBytes > limits.idleRecordBytes else { return nil }
                return .failed(
                    TLSError(.limitExceeded, "The peer sent \(idleBytes) bytes of TLS records without any data."))
            }
        }
    }

    private func pass(_ decrypted: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .open = state, decrypted.readableBytes > 0 else { return }
        readWanted = false
        context.fireChannelRead(wrapInboundOut(decrypted))
    }

    private func end(_ ending: Ending, _ context: ChannelHandlerContext) {
        switch ending {
        case .failed(let error): fail(context, error)
        case .closedByPeer:
            // RFC 8446 §6.1: whatever follows is ignored. It is not even looked at, encrypted or in clear.
            guard case .open = state else { return }
            guard !allowsHalfClosure else {
                inputClosed = true
                return context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
            shutDown(context, promise: nil)
        }
    }
}
