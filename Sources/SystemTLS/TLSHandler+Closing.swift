public import NIOCore

extension TLSHandler {
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch (mode, state) {
        case (.all, .open): shutDown(context, promise: promise)
        case (.all, .idle), (.all, .handshaking):
            state = .closed
            timeout?.cancel()
            pending.fail(ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        case (.output, .open):
            closeOutput(context, promise: promise)
        case (.output, .idle), (.output, .handshaking):
            promise?.fail(ChannelError.operationUnsupported)
        case (_, .closed), (.input, _):
            context.close(mode: mode, promise: promise)
        }
    }

    /// Ends our side with close_notify and FIN; data of the peer is still read.
    private func closeOutput(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        if !outputClosed {
            outputClosed = true
            pending.fail(ChannelError.outputClosed)
            session.close()
            sendOutput(context)
        }
        context.close(mode: .output, promise: promise)
    }

    /// An orderly end: our close_notify, then the channel is closed.
    func shutDown(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        state = .closed
        pending.fail(ChannelError.ioOnClosedChannel)
        session.close()
        closeAfterOutput(context, promise: promise)
    }

    /// The one way of every failure: the alert goes out, the error up, the channel is closed. Only the first one counts.
    func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        if case .closed = state { return }
        state = .closed
        timeout?.cancel()
        pending.fail(error)
        closeAfterOutput(context, promise: nil)
        context.fireErrorCaught(error)
    }

    private func closeAfterOutput(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        sendOutput(context)
        // In the next turn: a flush inside the completion of another write does nothing before that one has returned,
        // and `writeAndFlush(…).whenComplete { close }` is how most connections end.
        context.eventLoop.assumeIsolated().execute { context.close(promise: promise) }
    }
}
