public import IMAPProtocol
public import NIOCore
import NIOPosix
import Synchronization
import SystemTLS

/// C's `struct linger`, which no module shows by itself: on, for 0 seconds.
private struct Linger {
    let isOn: CInt = 1
    let seconds: CInt = 0
}

/// One connection to a target, logged in to one mailbox account. Commands run one at a time; every method waits for its answer.
///
/// A method that throws throws `IMAPError`. After most errors the connection is closed: ask `isOpen`.
public final class IMAPSession: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<IMAPClientHandler>
    let limits: IMAPSessionLimits
    /// What the server can do, as said inside the session after the login.
    public let capabilities: Capabilities
    /// What the server calls itself (RFC 2971), keys in lower case: `name` is `Zimbra`, `Dovecot`, `Cyrus…`. Empty if it does not say.
    public let identification: [String: String]
    /// What the server said first; empty where that was before TLS.
    let greeting: String
    /// What the server told of its namespaces, once it was asked.
    let namespace = Mutex<NamespaceResponse?>(nil)
    /// When the server's certificate ends, in seconds since 1970; nil without TLS.
    let certificateEnds: Int?

    private init(
        channel: any Channel, handler: NIOLoopBound<IMAPClientHandler>, limits: IMAPSessionLimits,
        capabilities: Capabilities,
        identification: [String: String], greeting: String, certificateEnds: Int?
    ) {
        self.certificateEnds = certificateEnds
        self.channel = channel
        self.handler = handler
        self.limits = limits
        self.capabilities = capabilities
        self.identification = identification
        self.greeting = greeting
    }

    /// Whether another command may be given.
    public var isOpen: Bool { channel.isActive }

    /// Closes the connection at once. What runs fails; nothing that was not sent yet goes out: SO_LINGER is 0.
    public func close() async {
        try? await channel.close()
    }

    /// Says LOGOUT, waits a moment for the answer, closes.
    public func logout() async {
        _ = try? await channel.eventLoop.flatSubmit { [handler, limits] in
            handler.value.run(
                .logout, name: "LOGOUT", collector: FoldingCollector(value: ()) { _, _ in }, reply: limits.logout)
        }.get()
        await close()
    }

    /// Runs a command and folds the untagged responses into a value.
    func run<Value: Sendable>(
        _ command: IMAPCommand, _ name: String, _ start: Value,
        _ fold: @escaping @Sendable (inout Value, UntaggedResponse) -> Void
    ) async throws -> Value {
        try await run(command, name) { FoldingCollector(value: start, fold: fold) }
    }

    func run<Collector: ResponseCollector>(
        _ command: IMAPCommand, _ name: String, _ collector: @escaping @Sendable () -> Collector
    ) async throws -> Collector.Value {
        do {
            return try await channel.eventLoop.flatSubmit { [handler] in
                handler.value.run(command, name: name, collector: collector())
            }.get()
        } catch {
            throw IMAPError(connection: error)
        }
    }
}

extension IMAPSession {
    /// Connects, secures the connection, logs in, asks for capabilities and names.
    ///
    /// When this returns, commands may be given. Throws `IMAPError`; then nothing is left open. No credential is sent before TLS is up and
    /// the certificate verified, unless `security` is `.none`. `onAlert` is told what the server wants a person to read.
    public static func connect(
        to endpoint: IMAPEndpoint, credentials: IMAPCredentials, limits: IMAPSessionLimits = IMAPSessionLimits(),
        group: any EventLoopGroup, onAlert: (@Sendable (String) -> Void)? = nil
    ) async throws -> IMAPSession {
        let eventLoop = group.next()
        do {
            return try await eventLoop.flatSubmit {
                open(endpoint, credentials, limits, onAlert, eventLoop)
            }.get()
        } catch let error as IMAPError {
            throw error
        } catch {
            throw IMAPError(connecting: endpoint, error)
        }
    }

    /// On its event loop: the channel with its handlers, and the session once the login is done.
    private static func open(
        _ endpoint: IMAPEndpoint, _ credentials: IMAPCredentials, _ limits: IMAPSessionLimits,
        _ onAlert: (@Sendable (String) -> Void)?, _ eventLoop: any EventLoop
    ) -> EventLoopFuture<IMAPSession> {
        let setup = eventLoop.makePromise(of: Void.self)
        let handler = NIOLoopBound(makeHandler(endpoint, credentials, limits, onAlert, setup), eventLoop: eventLoop)
        return bootstrap(limits, eventLoop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try addHandlers(handler.value, endpoint, channel)
            }.flatMap { abortiveClose(channel) }
        }.connect(host: endpoint.host, port: endpoint.port).flatMapError { error in
            setup.fail(error)
            return eventLoop.makeFailedFuture(error)
        }.flatMap { channel in
            setup.futureResult.map {
                IMAPSession(
                    channel: channel, handler: handler, limits: limits,
                    capabilities: handler.value.machine.capabilities,
                    identification: handler.value.machine.identification, greeting: handler.value.machine.greeting,
                    certificateEnds: handler.value.certificateEnds)
            }
        }
    }

    private static func bootstrap(_ limits: IMAPSessionLimits, _ eventLoop: any EventLoop) -> ClientBootstrap {
        // TCP_USER_TIMEOUT (RFC 5482), in milliseconds; Linux's number for it.
        let userTimeout = ChannelOptions.tcpOption(.init(rawValue: 18))
        let milliseconds = Int(clamping: limits.unacknowledged.nanoseconds / 1_000_000)
        let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
            low: limits.writeBuffer / 4, high: max(1, limits.writeBuffer))
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(limits.connect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(userTimeout, value: milliseconds)
            .channelOption(.writeBufferWaterMark, value: waterMark)
            // An answer to UID FETCH is long; fewer, larger reads.
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: 256 << 10))
    }

    /// SO_LINGER {1, 0}: when the process is killed or the socket closed, what the kernel still holds is thrown away and the peer gets a
    /// reset. Otherwise a token that waits in the kernel would be delivered, and commit, after we have taken the APPEND for undone.
    private static func abortiveClose(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return socket.unsafeSetSocketOption(level: .socket, name: .so_linger, value: Linger())
    }

    private static func addHandlers(_ handler: IMAPClientHandler, _ endpoint: IMAPEndpoint, _ channel: any Channel)
        throws
    {
        if case .tls(let context) = endpoint.security {
            try channel.pipeline.syncOperations.addHandler(TLSHandler(client: context, host: endpoint.host))
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private static func makeHandler(
        _ endpoint: IMAPEndpoint, _ credentials: IMAPCredentials, _ limits: IMAPSessionLimits,
        _ onAlert: (@Sendable (String) -> Void)?, _ setup: EventLoopPromise<Void>
    ) -> IMAPClientHandler {
        let (security, startTLS): (IMAPConnectionSecurity, TLSClientContext?) =
            switch endpoint.security {
            case .tls: (.implicitTLS, nil)
            case .startTLS(let context): (.startTLS, context)
            case .none: (.clear, nil)
            }
        return IMAPClientHandler(
            machine: IMAPClientStateMachine(security: security, credentials: credentials), limits: limits,
            isImplicitTLS: security == .implicitTLS,
            makeTLSHandler: startTLS.map { context in { try TLSHandler(client: context, host: endpoint.host) } },
            onAlert: onAlert, setup: setup)
    }
}
