import Ledger
import MailModel

/// `layover replay` beside a follower: the follower delivers, this watches until nothing is left of the selection.
struct ReplayWatch {
    let ledger: Ledger
    let selection: MailboxSelection

    /// How long nothing may move before it is given up.
    private static let patience = Duration.seconds(60)

    func run() async throws {
        StandardError.write("a follower is running and delivers; watching it\n")
        var last = -1
        var moved = ContinuousClock.now
        while true {
            try ledger.catchUp()
            // A cutover of a moment ago waits for its grace: it is still to come, not over.
            let soon = Timestamp.now().adding(milliseconds: CutoverLimits.grace.milliseconds)
            let due = try ledger.dueMailboxes(selection, now: soon)
            let left = due.reduce(0) { $0 + $1.counts.held }
            if left == 0 {
                let parked = try ledger.mailboxes(selection).reduce(0) {
                    $0 + ($1.cutoverAt == nil ? 0 : $1.counts.failed)
                }
                guard parked == 0 else {
                    throw CommandError(
                        .temporary, "\(parked) messages are parked, all others are delivered; see `layover status`")
                }
                return Output.print("nothing left to deliver")
            }
            if left != last {
                (last, moved) = (left, .now)
                StandardError.write("\(left) messages left in \(due.count) mailboxes\n")
            } else if ContinuousClock.now - moved > Self.patience {
                throw CommandError(
                    .temporary,
                    "\(left) messages are left and the follower has not delivered any for a minute; see its log and `layover status`"
                )
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
