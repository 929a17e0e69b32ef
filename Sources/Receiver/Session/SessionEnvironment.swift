import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool
import Synchronization
import SystemTLS

/// What all sessions of a receiver share.
final class SessionEnvironment: Sendable {
    let protocolConfiguration: SMTPServerConfiguration
    /// The name in `by` and in authserv-id: lower case.
    let hostname: [UInt8]
    let limits: ReceiverLimits
    let policy: RecipientPolicy
    let space: SpaceGuard
    let admission: SessionAdmission
    let refused: RefusedRecipients
    let stress: StressGauge
    let gateways: GatewayNetworks
    /// Nil: the DNS is not asked.
    let lookup: ClientLookup?
    let writer: SegmentWriter
    let bodies: BodyEnvironment
    let tls: TLSServerIdentity?
    let statistics: ReceiverStatistics
    let logger: Logger
    /// Told when the disk failed under a large body in a way that no retry mends (Durability F4).
    let onDiskFailure: @Sendable (SpoolError) -> Void
    let clock: @Sendable () -> Timestamp
    private let ids: Mutex<MessageIDGenerator>
    private let shares = Mutex<[ObjectIdentifier: NIOLoopBound<LoopShare>]>([:])

    init(
        protocolConfiguration: SMTPServerConfiguration, limits: ReceiverLimits, policy: RecipientPolicy,
        space: SpaceGuard,
        writer: SegmentWriter, bodies: BodyEnvironment, tls: TLSServerIdentity?, statistics: ReceiverStatistics,
        logger: Logger,
        gateways: GatewayNetworks = GatewayNetworks(), lookup: ClientLookup? = nil,
        onDiskFailure: @escaping @Sendable (SpoolError) -> Void = { _ in },
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.protocolConfiguration = protocolConfiguration
        hostname = Array(protocolConfiguration.hostname.asciiLowercased.utf8)
        self.limits = limits
        self.policy = policy
        self.space = space
        admission = SessionAdmission(limits: limits)
        refused = RefusedRecipients(limits: limits)
        stress = StressGauge(limits: limits)
        self.gateways = gateways
        self.lookup = lookup
        self.writer = writer
        self.bodies = bodies
        self.tls = tls
        self.statistics = statistics
        self.logger = logger
        self.onDiskFailure = onDiskFailure
        self.clock = clock
        // No new id may sort before a message that is in the spool already, whatever the clock says now.
        ids = Mutex(MessageIDGenerator(notBefore: writer.recovery.newestID?.milliseconds ?? 0))
        bodies.budget.whenSpent {
            statistics.reach(.memory)
            logger.notice(
                "memory for bodies is spent: they go to files, and sockets wait for the disk",
                metadata: ["limit": "\(ReceiverLimit.memory.rawValue)", "bytes": "\(limits.bodyMemory.bytes)"])
        }
    }

    /// Called on the event loop.
    func share(of eventLoop: any EventLoop) -> LoopShare {
        let bound = shares.withLock { shares in
            if let known = shares[ObjectIdentifier(eventLoop)] { return known }
            let made = NIOLoopBound(LoopShare(eventLoop: eventLoop), eventLoop: eventLoop)
            shares[ObjectIdentifier(eventLoop)] = made
            return made
        }
        return bound.value
    }

    /// A session has come or gone.
    func noteSessions() {
        guard stress.note(sessions: admission.sessions) else { return }
        let metadata: Logger.Metadata = ["sessions": "\(admission.sessions)", "limit": "\(limits.sessions)"]
        if stress.isOn {
            statistics.reach(.stress)
            logger.warning("stress begins: slow sessions make room", metadata: metadata)
        } else {
            logger.notice("stress is over", metadata: metadata)
        }
    }

    /// How long a session may be silent now.
    var idleTimeout: TimeAmount { stress.isOn ? min(limits.idleTimeout, limits.stressTimeout) : limits.idleTimeout }

    /// How much of a message must come within that.
    var slowestData: ByteCount { stress.isOn ? limits.stressData : limits.slowestData }

    /// For a new session, or one that begins anew inside TLS.
    var lineDecoder: SMTPLineDecoder {
        SMTPLineDecoder(limits: protocolConfiguration.limits, bareNewlines: protocolConfiguration.bareNewlines)
    }

    func nextID(now: Timestamp) -> MessageID { ids.withLock { $0.next(now: now) } }
}

/// An event for every session.
enum SessionEvent {
    case shuttingDown(ShutdownPatience)
    /// The time that a session may be silent has changed.
    case stressChanged
}
