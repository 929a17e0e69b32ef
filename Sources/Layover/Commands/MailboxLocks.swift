import Ledger
import MailModel
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// The locks of mailboxes to which nothing may be delivered while a person changes where their mail goes. Given back with the last
/// reference.
final class MailboxLocks {
    private var locks: [SpoolLock] = []

    /// A replay that ends its turn within so long is waited for.
    private static let patience = Duration.seconds(5)

    /// Throws `.temporary`, with no lock held, where one of them is being replayed.
    init(_ mailboxes: [RosterMailbox], _ workspace: Workspace) throws {
        // A descriptor each.
        DescriptorLimit.raise()
        let end = ContinuousClock.now + Self.patience
        var taken: Set<LockName> = []
        for mailbox in mailboxes {
            let name = LockName.mailbox(target: mailbox.target, login: mailbox.login)
            guard taken.insert(name).inserted else { continue }
            var lock = try SpoolLock.acquire(layout: workspace.layout, name: name, wait: false)
            while lock == nil, ContinuousClock.now < end {
                usleep(50_000)
                lock = try SpoolLock.acquire(layout: workspace.layout, name: name, wait: false)
            }
            guard let lock else {
                throw CommandError(
                    .temporary,
                    "\(mailbox.address) is being replayed now, and nothing was done: try again when it is through, or after `layover pause --mailbox \(mailbox.address)`"
                )
            }
            locks.append(lock)
        }
    }

    func release() {
        for lock in locks { lock.release() }
        locks = []
    }
}
