import NIOCore
import NIOPosix
import Synchronization

/// The listening sockets and the sessions that came through them.
final class SMTPListener: Sendable {
    private struct State {
        var listeners: [any Channel] = []
        var sessions: [ObjectIdentifier: any Channel] = [:]
    }

    private let environment: SessionEnvironment
    private let group: any EventLoopGroup
    private let state = Mutex(State())

    init(environment: SessionEnvironment, group: any EventLoopGroup) {
        self.environment = environment
        self.group = group
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
        let environment = self.environment
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 65_536))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SMTPSessionHandler(environment: environment))
                    self.remember(channel)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: listener.host, port: listener.port).get()
            state.withLock { $0.listeners.append(channel) }
            guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return address
        } catch {
            throw ReceiverError("cannot listen at \(listener.host) port \(listener.port): \(error)")
        }
    }

    private func remember(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        state.withLock { $0.sessions[key] = channel }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.sessions.removeValue(forKey: key) }
        }
    }

    func stopListening() async {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { try? await listener.close() }
    }

    var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// Tells every session that the server goes down.
    func tellSessions(_ event: SessionEvent) {
        for session in state.withLock({ Array($0.sessions.values) }) {
            session.pipeline.fireUserInboundEventTriggered(event)
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
