import NIOCore
import SMTPProtocol
import Synchronization

/// Who may have one more session: so many in all, and so many of one client, so that none can take the others' places.
final class SessionAdmission: Sendable {
    private struct State {
        var all = 0
        var byClient: [ClientNetwork: Int] = [:]
    }

    private let limits: ReceiverLimits
    private let state = Mutex(State())

    init(limits: ReceiverLimits) { self.limits = limits }

    var sessions: Int { state.withLock { $0.all } }

    /// Counts a session in, also a refused one: it lasts until `leave` is told.
    func enter(_ client: ClientNetwork) -> ConnectionVerdict {
        let (all, own) = state.withLock { state in
            state.all += 1
            state.byClient[client, default: 0] += 1
            return (state.all, state.byClient[client] ?? 0)
        }
        // A gateway on this host brings everybody's mail.
        if own > limits.sessionsPerClient, !client.isLoopback { return .tooManyFromClient }
        return all > limits.sessions ? .overloaded : .welcome
    }

    func leave(_ client: ClientNetwork) {
        state.withLock { state in
            state.all -= 1
            let left = (state.byClient[client] ?? 1) - 1
            state.byClient[client] = left > 0 ? left : nil
        }
    }
}

/// What counts as one client: an IPv4 address, or the /64 that one IPv6 customer has.
struct ClientNetwork: Hashable, Sendable {
    private let bits: UInt64
    private let isIPv6: Bool
    /// 127.0.0.0/8 or ::1.
    let isLoopback: Bool

    /// Everything that has no IP address is one client.
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // sockaddr_in: family and port, 2 octets each, then the address.
            bits = withUnsafeBytes(of: address.address) { UInt64($0.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
            isIPv6 = false
            isLoopback = withUnsafeBytes(of: address.address) { $0[4] == 127 }
        case .v6(let address):
            // sockaddr_in6: family and port, 2 octets each, 4 of flow, then the address.
            bits = withUnsafeBytes(of: address.address) { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
            isIPv6 = true
            isLoopback = withUnsafeBytes(of: address.address) { $0[8..<23].allSatisfy { $0 == 0 } && $0[23] == 1 }
        default:
            bits = 0
            isIPv6 = true
            isLoopback = false
        }
    }
}
