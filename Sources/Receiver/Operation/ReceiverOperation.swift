import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool
import Synchronization
import SystemTLS

/// What goes on beside the sessions while mail is taken: certificate, roster and free space are kept up to date, and monitors are
/// answered.
final class ReceiverOperation: Sendable {
    let environment: SessionEnvironment
    private let known: KnownRecipients
    private let certificate: CertificateWatch?
    private let probe: DiskProbe
    private let spaceWatch: SpaceWatch
    private let layout: SpoolLayout
    private let pool: NIOThreadPool
    private let configuration: ReceiverConfiguration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let isListening: @Sendable () -> Bool
    /// Why the free space is not known, as was said last; nil while it is.
    private let complaintOfSpace = Mutex<String?>(nil)

    var writer: SegmentWriter { environment.writer }

    init(
        environment: SessionEnvironment, known: KnownRecipients, pool: NIOThreadPool, layout: SpoolLayout,
        configuration: ReceiverConfiguration, group: any EventLoopGroup, logger: Logger,
        isListening: @escaping @Sendable () -> Bool
    ) {
        self.environment = environment
        self.known = known
        self.pool = pool
        self.layout = layout
        self.configuration = configuration
        self.group = group
        self.logger = logger
        self.isListening = isListening
        certificate = environment.tls.map { CertificateWatch($0, logger: logger) }
        probe = DiskProbe(layout: layout, fileSystem: environment.writer.fileSystem)
        spaceWatch = SpaceWatch(
            layout: layout, space: environment.space, reserve: configuration.limits.reserve, logger: logger)
    }

    func stop() { probe.stop() }

    // MARK: Keeping up to date

    /// Looks at everything once, before mail is taken, and makes the reserve.
    func begin() async {
        await refresh()
        try? await pool.runIfActive { [spaceWatch] in spaceWatch.begin() }
        do {
            try await pool.runIfActive { [environment, layout] in
                try environment.refused.load(layout: layout, fileSystem: environment.bodies.fileSystem)
            }
        } catch {
            logger.warning("refused recipients are counted from the beginning", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at roster and free space every second, and at the certificate every ``ReceiverLimits/certificateCheck``, until the
    /// task is cancelled.
    func watch() async {
        var nextCertificate = NIODeadline.now()
        var nextFlush = NIODeadline.now() + configuration.limits.refusedFlush
        while !Task.isCancelled {
            if NIODeadline.now() >= nextCertificate {
                await lookAtCertificate(always: false)
                nextCertificate = NIODeadline.now() + configuration.limits.certificateCheck
            }
            try? await Task.sleep(for: .seconds(1))
            await refresh()
            try? await pool.runIfActive { [spaceWatch] in spaceWatch.look(now: .now()) }
            if NIODeadline.now() >= nextFlush {
                await flushRefused()
                nextFlush = NIODeadline.now() + configuration.limits.refusedFlush
            }
        }
    }

    /// The sessions are over.
    func end() async { await flushRefused() }

    /// Nothing is written to a disk that is full or in doubt: these are counts, and mail goes first.
    private func flushRefused() async {
        guard writer.failed == nil, environment.space.hasRoom(for: 0) else { return }
        do {
            try await pool.runIfActive { [environment, layout] in
                try environment.refused.flush(layout: layout, fileSystem: environment.bodies.fileSystem)
            }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("counts of refused recipients not written", metadata: ["error": "\(error)"])
        }
    }

    func refresh() async {
        do {
            try await pool.runIfActive { [known] in try known.refresh() }
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "roster snapshot unreadable, the last good one stays in force", metadata: ["error": "\(error)"])
        }
        await refreshSpace()
    }

    private func refreshSpace() async {
        do {
            try await pool.runIfActive { [environment] in try environment.space.refresh() }
            if complaintOfSpace.withLock({ $0.take() }) != nil { logger.notice("free space known again") }
        } catch is CancellationError {
            return
        } catch {
            let isNew = complaintOfSpace.withLock { complaint in
                defer { complaint = "\(error)" }
                return complaint != "\(error)"
            }
            if isNew { logger.error("free space unknown", metadata: ["error": "\(error)"]) }
        }
    }

    /// SIGHUP.
    func reload() async {
        await lookAtCertificate(always: true)
        await refresh()
        logger.notice(
            "reloaded",
            metadata: [
                "certificate": "\(certificate == nil ? "none" : "read again")",
                "recipients": "\(known.count.map(String.init) ?? "no roster")",
                "configuration": "unchanged until the next start",
            ])
    }

    private func lookAtCertificate(always: Bool) async {
        guard let certificate else { return }
        _ = try? await pool.runIfActive { certificate.look(always: always) }
    }

    // MARK: Telling

    /// Answers monitors until the task is cancelled; nothing where no address is configured.
    func runStatusEndpoint(onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }) async {
        guard let listener = configuration.statusListener else { return }
        let health = ReceiverHealth(
            writer: writer, space: environment.space, probe: probe, patience: configuration.limits.diskPatience,
            isTakingMail: isListening)
        let endpoint = StatusEndpoint(
            listener: listener, health: health, metrics: { [self] in metrics.text }, group: group, logger: logger)
        await endpoint.run(onListening: onListening)
    }

    var metrics: ReceiverMetrics {
        ReceiverMetrics(
            statistics: environment.statistics.snapshot, commits: writer.counts, progress: writer.progress,
            freeSpace: environment.space.free, reservedBytes: environment.space.reservedBytes,
            bodyBytes: environment.bodies.budget.bytes, isTakingMail: isListening(),
            spoolHasFailed: writer.failed != nil, isUnderStress: environment.stress.isOn,
            refused: environment.refused.counts,
            certificateSecondsLeft: certificate?.secondsLeft, droppedLogLines: configuration.droppedLogLines())
    }
}
