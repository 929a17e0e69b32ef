import NIOCore

#if canImport(Glibc)
import Glibc
#endif

/// Octets that a client has sent before the banner, as only spamware and other protocols do (RFC 5321 §4.3.1).
enum EarlyInput {
    /// A look without waiting: whoever is faster than our banner is seen, and nobody else is held up by a pause.
    static func isWaiting(_ context: ChannelHandlerContext) -> Bool {
        // Without the type of the transport in the cast: with it the runtime would read mangled names at each connection.
        guard let channel = context.channel as? any NIOTransportAccessibleChannelCore else { return false }
        return hasOctets(channel)
    }

    private static func hasOctets(_ channel: some NIOTransportAccessibleChannelCore) -> Bool {
        let waiting = try? channel.withUnsafeTransport { transport in
            guard let socket = transport as? NIOBSDSocket.Handle else { return false }
            var octet: UInt8 = 0
            return recv(socket, &octet, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
        }
        return waiting ?? false
    }
}
