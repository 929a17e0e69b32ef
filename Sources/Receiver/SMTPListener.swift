import MailModel
import NIOCore
import NIOPosix
import Synchronization

/// The listening sockets and the sessions that came through them.
final class SMTPListener: Sendable {
    private struct State {
        var listeners: [any Channel] = []
        var sessions: [ObjectIdentifier: any Channel] = [:]
        /// What every session was told last, and each one that comes late is told at once.
        var farewell: SessionEvent?
    }

    private let environment: SessionEnvironment
    private let group: any EventLoopGroup
    private let onLost: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter onLost: told, with the address, when a listening socket is closed and nobody has asked for it: `accept` has failed with
    ///   an error after which no connection would be taken any more.
    init(
        environment: SessionEnvironment, group: any EventLoopGroup,
        onLost: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.group = group
        self.onLost = onLost
    }

    /// From now on it is known when the socket is lost.
    private func keep(_ channel: any Channel) {
        state.withLock { $0.listeners.append(channel) }
        let address = channel.localAddress.map { "\($0)" } ?? "unknown"
        channel.closeFuture.whenComplete { [weak self] _ in
            guard let self, state.withLock({ $0.listeners.contains { $0 === channel } }) else { return }
            onLost(address)
        }
    }

    /// Takes listening sockets over that another process has bound; their owner is the parent, so closing ours refuses nobody.
    func adopt(_ sockets: [CInt]) async throws -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        do {
            for socket in sockets { addresses.append(try await adopt(socket)) }
        } catch {
            await stopListening()
            throw error
        }
        return addresses
    }

    private func adopt(_ socket: CInt) async throws -> SocketAddress {
        do {
            let channel = try await bootstrap(for: nil).withBoundSocket(socket).get()
            keep(channel)
            guard let bound = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return bound
        } catch {
            throw ReceiverError(
                "descriptor \(socket) that was handed over is no listening socket: \(SystemErrorText.of(error, number: error.systemNumber))"
            )
        }
    }

    /// Binds every address. Throws what `bind` said, with the address, when one cannot be had; none is then left open.
    func bind(to listeners: [ReceiverConfiguration.Listener]) async throws -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        do {
            for listener in listeners { addresses.append(try await bind(listener)) }
        } catch {
            await stopListening()
            throw error
        }
        return addresses
    }

    private func bind(_ listener: ReceiverConfiguration.Listener) async throws -> SocketAddress {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(listener.host, port: listener.port)
            let channel = try await bootstrap(for: address).bind(to: address).get()
            keep(channel)
            guard let bound = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return bound
        } catch {
            let words = SystemErrorText.listening(error, number: error.systemNumber, port: listener.port)
            throw ReceiverError("cannot listen at \(listener.host) port \(listener.port): \(words)")
        }
    }

    private func bootstrap(for address: SocketAddress?) -> ServerBootstrap {
        let environment = self.environment
        var bootstrap = ServerBootstrap(group: group)
        // `[::]` means IPv6 and nothing else, or it could not be listened at beside `0.0.0.0` with the same port.
        if case .v6 = address {
            bootstrap = bootstrap.serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 1)
        }
        return
            bootstrap
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPauseHandler(pause: environment.limits.acceptPause, logger: environment.logger) {
                            environment.statistics.reach(.openFiles)
                        })
                }
            }
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.setOptions(of: channel, environment)
                    try channel.pipeline.syncOperations.addHandler(Self.firstHandler(of: channel, environment))
                    self.remember(channel)
                }
            }
    }

    /// At once and here: as options of the bootstrap they would cost each connection some futures.
    private static func setOptions(of channel: any Channel, _ environment: SessionEnvironment) throws {
        guard let options = channel.syncOptions else { return }
        // At the level of TCP: at that of sockets the same number is SO_DEBUG, which only root may set.
        try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        // A client that has sent its FIN behind the final dot still waits for the answer: without it it would send again.
        try options.setOption(.allowRemoteHalfClosure, value: true)
        let readBuffer = NIOLoopBound(environment.share(of: channel.eventLoop).readBuffer, eventLoop: channel.eventLoop)
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(.recvAllocator, value: ReadBuffer.Allocator(readBuffer))
    }

    /// A load balancer says first for whom it speaks.
    private static func firstHandler(
        of channel: any Channel, _ environment: SessionEnvironment
    ) -> any ChannelHandler {
        environment.gateways.isProxy(channel.remoteAddress)
            ? ProxyHeaderHandler(environment: environment)
            : SMTPSessionHandler(environment: environment, peer: channel.remoteAddress)
    }

    private func remember(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let farewell = state.withLock { state in
            state.sessions[key] = channel
            return state.farewell
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.sessions.removeValue(forKey: key) }
        }
        // Accepted in the moment in which the server began to go down.
        if let farewell { channel.pipeline.fireUserInboundEventTriggered(farewell) }
    }

    func stopListening() async {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { try? await listener.close() }
    }

    var listeningChannels: [any Channel] { state.withLock { $0.listeners } }

    var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// Tells every session that the server goes down, also those that are being accepted now.
    func tellSessions(_ event: SessionEvent) {
        let sessions = state.withLock { state in
            state.farewell = event
            return Array(state.sessions.values)
        }
        for session in sessions {
            session.pipeline.fireUserInboundEventTriggered(event)
        }
    }

    /// Under stress, and when it is over, every session looks at the clock anew.
    func tellOfStress() {
        for session in state.withLock({ Array($0.sessions.values) }) {
            session.pipeline.fireUserInboundEventTriggered(SessionEvent.stressChanged)
        }
    }

    /// Ends every session that is left.
    func closeSessions() async {
        for session in state.withLock({ Array($0.sessions.values) }) { try? await session.close() }
    }
}

/// Why the receiver cannot run. The message names the thing and the remedy.
public struct ReceiverError: Error, CustomStringConvertible {
    public let message: String

    init(_ message: String) { self.message = message }

    public var description: String { message }
}
