import NIOCore
import SystemTLS

/// The last handler of a pipeline: keeps what came up, in order, and lets no error past.
final class RecordingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Event: Equatable {
        case active
        case handshake(TLSHandshakeCompleted)
        case data
        case failed(TLSError.Code)
        case otherError(String)
        case inactive
    }

    /// Runs of `.data` are kept as one.
    private(set) var events: [Event] = []
    private(set) var received = ByteBuffer()
    private(set) var error: TLSError?
    /// Called with each piece of data.
    var onData: ((ByteBuffer, ChannelHandlerContext) -> Void)?
    var onWritability: ((ChannelHandlerContext) -> Void)?

    var text: String { String(buffer: received) }

    var handshake: TLSHandshakeCompleted? {
        for case .handshake(let completed) in events { return completed }
        return nil
    }

    func channelActive(context: ChannelHandlerContext) { events.append(.active) }

    func channelInactive(context: ChannelHandlerContext) { events.append(.inactive) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if events.last != .data { events.append(.data) }
        received.writeImmutableBuffer(buffer)
        onData?(buffer, context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { onWritability?(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted { events.append(.handshake(completed)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? TLSError else {
            events.append(.otherError("\(error)"))
            return
        }
        events.append(.failed(failure.code))
        self.error = failure
    }
}
