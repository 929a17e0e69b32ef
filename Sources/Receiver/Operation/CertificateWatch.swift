import Logging
import MailModel
import Synchronization
import SystemTLS

/// Keeps the certificate that new sessions see up to date: looks whether its files are others than before, reads them again, and
/// says when it ends. Once a day it reads them in any case, and says nothing of it: that changes the keys of session tickets.
///
/// A pair that does not belong together, or cannot be read, changes nothing: the last good one stays in force. That is complained of
/// once; the next change of a file is tried again.
final class CertificateWatch: Sendable {
    /// What a look at the files led to.
    enum Outcome: Hashable, Sendable { case unchanged, renewed, rekeyed, kept }

    private enum Occasion { case none, change, newKeys }

    private struct State {
        /// The files that were last tried.
        var tried: TLSFileVersions
        /// When that was.
        var triedAt: Timestamp
        var warnedOn: Int64?

        mutating func occasion(_ files: TLSFileVersions, _ now: Timestamp, always: Bool) -> Occasion {
            let age = now.milliseconds &- triedAt.milliseconds
            // A clock that was put back must not put the next time off.
            let isOld = age >= CertificateWatch.keyLifetime || age < 0
            guard always || tried != files || isOld else { return .none }
            defer { (tried, triedAt) = (files, now) }
            return always || tried != files ? .change : .newKeys
        }
    }

    /// Whoever gets hold of a ticket key reads what was said in the sessions that it has sealed: a day's, not a year's
    /// (RFC 9325 §3.4).
    private static let keyLifetime: Int64 = 86_400_000

    let identity: TLSServerIdentity
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// What has become of the files since the identity was read, however long ago, is found by the first look.
    init(
        _ identity: TLSServerIdentity, logger: Logger, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.identity = identity
        self.logger = logger
        self.clock = clock
        state = Mutex(State(tried: identity.filesRead, triedAt: clock()))
    }

    var secondsLeft: Int { identity.current.expiresAt - Int(clock().milliseconds / 1000) }

    /// Reads the files again where they are others than before, or `always`. Blocks on the disk.
    @discardableResult
    func look(always: Bool = false) -> Outcome {
        defer { warnOfExpiry() }
        let (files, now) = (identity.filesNow, clock())
        switch state.withLock({ $0.occasion(files, now, always: always) }) {
        case .none: return .unchanged
        case .change: return reload()
        case .newKeys: return changeKeys()
        }
    }

    private func reload() -> Outcome {
        do throws(TLSError) {
            try identity.reload()
            logger.notice("certificate reloaded", metadata: metadata)
            return .renewed
        } catch {
            logger.error(
                "certificate not reloaded, the last good one stays in use", metadata: ["error": "\(error)"])
            return .kept
        }
    }

    /// The files are those that were tried before: if they are bad, that has been said.
    private func changeKeys() -> Outcome {
        let known = identity.filesRead
        do throws(TLSError) {
            try identity.reload()
            guard identity.filesRead == known else {
                // They could not be read when they were new.
                logger.notice("certificate reloaded", metadata: metadata)
                return .renewed
            }
            logger.debug("keys of session tickets changed", metadata: metadata)
            return .rekeyed
        } catch {
            logger.debug("keys of session tickets not changed", metadata: ["error": "\(error)"])
            return .kept
        }
    }

    /// Once a day, and at the start.
    private func warnOfExpiry() {
        let day = clock().milliseconds / 86_400_000
        let isDue = state.withLock { state in
            defer { state.warnedOn = day }
            return state.warnedOn != day
        }
        guard isDue, secondsLeft < ReceiverLimits.certificateWarningDays * 86_400 else { return }
        if secondsLeft < 0 {
            logger.error(
                "the certificate has expired: senders that verify it do not send; renew it", metadata: metadata)
        } else {
            logger.warning("the certificate ends soon; renew it", metadata: metadata)
        }
    }

    private var metadata: Logger.Metadata {
        ["certificate": "\(identity.certificateFile)", "days-left": "\(secondsLeft / 86_400)"]
    }
}
