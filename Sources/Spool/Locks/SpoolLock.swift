import MailModel
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// What is locked. Each is an empty file in `locks/`.
public struct LockName: Hashable, Sendable {
    let fileName: String

    /// One receiver per spool.
    public static let receiver = LockName(fileName: "receiver")
    /// Appending to the journal.
    public static let journal = LockName(fileName: "journal")
    /// Writing and checkpointing the Ledger.
    public static let ledgerWriter = LockName(fileName: "ledger")
    /// The replay follower of a spool: one at a time.
    public static let follower = LockName(fileName: "follower")

    /// Planning a change of the roster, and making it: one at a time.
    public static let roster = LockName(fileName: "roster")

    /// Giving the bytes of delivered mail back: one at a time.
    public static let reclaim = LockName(fileName: "reclaim")

    /// Rehearsing a wave, and cleaning up behind it: one at a time.
    public static let rehearsal = LockName(fileName: "rehearsal")

    /// One mailbox on its target: whoever appends to it or resolves its intents holds this.
    public static func mailbox(target: String, login: String) -> LockName {
        // A digest, since a login may hold any character and be of any length.
        LockName(fileName: "mailbox-" + SHA256Hasher.digest(Array("\(target)\n\(login)".utf8)).hex.prefix(32))
    }
}

/// A held lock: an exclusive `flock` on an `O_CLOEXEC` descriptor. It has no expiry; it ends with `release`, with the last
/// reference, or with the process.
///
/// `flock` belongs to the open file description, so two holders inside one process exclude each other as two processes do.
public final class SpoolLock: Sendable {
    private let descriptor: Int32
    private let isHeld = Atomic<Bool>(true)

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { release() }

    /// Takes the lock. With `wait` the call blocks until the holder gives it back; without, nil means that another holds it.
    public static func acquire(layout: SpoolLayout, name: LockName, wait: Bool) throws -> SpoolLock? {
        try take(layout, name, wait ? LOCK_EX : LOCK_EX | LOCK_NB)
    }

    /// Holds the lock together with other readers; nil while somebody holds it alone. Nobody can take it alone meanwhile.
    static func share(layout: SpoolLayout, name: LockName) throws -> SpoolLock? {
        try take(layout, name, LOCK_SH | LOCK_NB)
    }

    /// Takes the lock alone, waiting for readers, which share it for moments; nil where somebody holds it alone.
    static func outlastReaders(layout: SpoolLayout, name: LockName) throws -> SpoolLock? {
        for _ in 0..<attempts {
            if let lock = try acquire(layout: layout, name: name, wait: false) { return lock }
            guard let shared = try share(layout: layout, name: name) else { return nil }
            shared.release()
            usleep(pauseMicroseconds)
        }
        return nil
    }

    /// Together 60 s: a reader reads at most one segment while it shares a lock.
    private static let attempts = 6_000
    private static let pauseMicroseconds: UInt32 = 10_000

    private static func take(_ layout: SpoolLayout, _ name: LockName, _ operation: Int32) throws -> SpoolLock? {
        let path = "\(layout.locks)/\(name.fileName)"
        let descriptor = retrying { open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o660) }
        guard descriptor >= 0 else { throw SpoolError("open lock", path: path, number: errno) }
        guard retrying({ flock(descriptor, operation) }) == 0 else {
            let number = errno
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw SpoolError("lock", path: path, number: number)
        }
        return SpoolLock(descriptor: descriptor)
    }

    public func release() {
        guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
        // Closing alone would leave it held by a child that is between fork and exec: it shares the open file description.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
