import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// Octets that a client has sent before the banner, as only spamware and other protocols do (RFC 5321 §4.3.1).
enum EarlyInput {
    /// A look without waiting: whoever is faster than our banner is seen, and nobody else is held up by a pause.
    static func isWaiting(_ context: ChannelHandlerContext) -> Bool {
        let waiting = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self)
        {
            socket in
            var octet: UInt8 = 0
            return recv(socket, &octet, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
        }
        return waiting ?? false
    }
}
