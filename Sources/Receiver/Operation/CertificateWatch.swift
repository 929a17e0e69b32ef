import Logging
import MailModel
import Synchronization
import SystemTLS

#if canImport(Glibc)
import Glibc
#endif

/// Keeps the certificate that new sessions see up to date: looks whether its files are others than before, reads them again, and
/// says when it ends.
///
/// A pair that does not belong together, or cannot be read, changes nothing: the last good one stays in force. That is complained of
/// once; the next change of a file is tried again.
final class CertificateWatch: Sendable {
    /// What a look at the files led to.
    enum Outcome: Hashable, Sendable { case unchanged, renewed, kept }

    private struct State {
        /// Of the files that were last tried.
        var tried: [Int]
        var warnedOn: Int64?
    }

    /// From so many days before its end on a warning comes each day. Let's Encrypt renews 30 days before.
    private static let warningDays = 14

    let identity: TLSServerIdentity
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// The identity has just been read from its files.
    init(
        _ identity: TLSServerIdentity, logger: Logger, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.identity = identity
        self.logger = logger
        self.clock = clock
        state = Mutex(State(tried: Self.version(of: identity)))
    }

    var secondsLeft: Int { identity.current.expiresAt - Int(clock().milliseconds / 1000) }

    /// Reads the files again where they are others than before, or `always`. Blocks on the disk.
    @discardableResult
    func look(always: Bool = false) -> Outcome {
        defer { warnOfExpiry() }
        let version = Self.version(of: identity)
        let isChanged = state.withLock { state in
            defer { state.tried = version }
            return state.tried != version
        }
        guard isChanged || always else { return .unchanged }
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

    /// Once a day, and at the start.
    private func warnOfExpiry() {
        let day = clock().milliseconds / 86_400_000
        let isDue = state.withLock { state in
            defer { state.warnedOn = day }
            return state.warnedOn != day
        }
        guard isDue, secondsLeft < Self.warningDays * 86_400 else { return }
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

    /// Which files they are and when they last changed; also a change of rights shows in it.
    private static func version(of identity: TLSServerIdentity) -> [Int] {
        [identity.certificateFile, identity.keyFile].flatMap { path in
            var info = stat()
            guard stat(path, &info) == 0 else { return [0] }
            return [
                Int(info.st_dev), Int(info.st_ino), Int(info.st_size), Int(info.st_mtim.tv_sec),
                Int(info.st_mtim.tv_nsec),
                Int(info.st_ctim.tv_sec), Int(info.st_ctim.tv_nsec),
            ]
        }
    }
}
