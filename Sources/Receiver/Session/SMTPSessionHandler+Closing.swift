import MailModel
import NIOCore
import SMTPProtocol

/// How a session ends so that its last reply arrives.
///
/// A socket that is closed while octets of the client wait in it, or come after, answers with a RST, and what the client has not
/// yet read of our reply is lost. Where that may be, our side is ended first, then what comes is thrown away for a while.
extension SMTPSessionHandler {
    func closeAfterFlush(lingers: Bool = false) {
        abandonMessage()
        endDelay()
        flushOutput()
        guard let context else { return }
        guard lingers, !inputEnded, lingeringOctets == nil else { return context.close(promise: nil) }
        lingeringOctets = 0
        share?.idleWatch.remove(self)
        lingerEnd = context.eventLoop.assumeIsolated().scheduleTask(in: environment.limits.linger) { [weak self] in
            self?.context?.close(promise: nil)
        }
        context.close(mode: .output, promise: nil)
        releaseRead()
    }

    /// The client may have sent more than was read when it is told this. Not so where it waits for us, or has been silent.
    func mayLeaveInput(_ reply: SMTPReply) -> Bool {
        switch reply {
        case .goodbye: input.readableBytes > 0
        case .overloaded, .tooManyConnections, .storeUnavailable, .shuttingDown, .timedOut: false
        default: true
        }
    }

    func discardLingering(_ octets: Int) {
        let discarded = (lingeringOctets ?? 0) + octets
        lingeringOctets = discarded
        if discarded > environment.limits.lingerOctets.bytes { context?.close(promise: nil) }
    }
}
