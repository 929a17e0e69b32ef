import Logging
import Spool

extension ReceiverService {
    /// Tells what the start found in the spool.
    func report(_ recovery: RecoveryReport) {
        logger.notice(
            "spool recovered",
            metadata: [
                "directory": "\(layout.directory)", "messages-in-last-segment": "\(recovery.messages)",
                "torn-bytes": "\(recovery.tornBytes)",
            ])
        if let copy = recovery.tornCopy {
            logger.warning(
                "a torn end was cut off: nothing says that any of it was acknowledged", metadata: ["kept": "\(copy)"])
        }
        for damage in recovery.damage {
            logger.critical("damage in the spool: acknowledged bytes have changed", metadata: ["where": "\(damage)"])
        }
        for damage in recovery.undecided {
            logger.critical(
                "damage in the spool: torn before it was acknowledged, or changed since",
                metadata: ["where": "\(damage)"])
        }
    }
}

/// The steps of a receiver's life, for whoever supervises it.
public enum ReceiverPhase: Sendable, Hashable {
    /// The spool is opened and examined.
    case recovering
    /// Another receiver owns the spool still; connections wait in the backlog of the listening socket.
    case waitingForLock
    case takingMail
    /// No new session is taken; messages in work come to their end.
    case draining
}
