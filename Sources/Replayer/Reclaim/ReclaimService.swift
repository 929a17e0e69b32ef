public import Logging
import MailModel
public import ServiceLifecycle
import Spool

/// Reclaims once a day beside a follower. What goes wrong is logged and tried again the next day; it never ends the process.
public final class ReclaimService: Service {
    private let reclaimer: Reclaimer
    private let retention: Duration
    private let logger: Logger

    public init(reclaimer: Reclaimer, retention: Duration, logger: Logger) {
        self.reclaimer = reclaimer
        self.retention = retention
        self.logger = logger
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await self.pause(ReclaimLimits.firstPause, upTo: ReclaimLimits.firstPause)
            while true {
                await self.reclaimOnce()
                try await self.pause(ReclaimLimits.pause, upTo: ReclaimLimits.jitter)
            }
        }
    }

    private func pause(_ time: Duration, upTo more: Duration) async throws {
        try await Task.sleep(for: time + more * Double.random(in: 0..<1))
    }

    private func reclaimOnce() async {
        do {
            let report = try await reclaimer.run(ReclaimOptions(retention: retention))
            logger.notice(
                "reclaim done",
                metadata: ["messages": "\(report.messages)", "freed": "\(report.freed)"])
            for mailbox in report.alarming {
                logger.error(
                    "copies have vanished; nothing of the mailbox is reclaimed",
                    metadata: [
                        "mailbox": "\(mailbox.address)", "target": "\(mailbox.target)", "asked": "\(mailbox.asked)",
                        "missing": "\(mailbox.missing)", "remedy": "\(ReclaimedMailbox.remedy)",
                    ])
            }
            for mailbox in report.unreachable {
                logger.warning(
                    "mailbox cannot be asked; nothing of it is reclaimed",
                    metadata: [
                        "mailbox": "\(mailbox.address)", "target": "\(mailbox.target)",
                        "why": "\(mailbox.error?.description ?? "")",
                    ])
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("reclaim failed", metadata: ["why": "\(error)"])
        }
    }
}

extension ReclaimedMailbox {
    /// What a person is told when copies have vanished.
    public static let remedy =
        "a tool that mirrors the old mailbox (doveadm backup, imapsync --delete2) may have undone the replay; look there first, and where the copies are gone on purpose run `layover reclaim --accept-vanished`"
}
