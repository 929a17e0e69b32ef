import Ledger
import MailModel

/// `layover replay` beside a follower: the follower delivers, this watches until nothing is left of the selection.
struct ReplayWatch {
    let ledger: Ledger
    let selection: MailboxSelection
    /// Empty: everything held. Else only these.
    let messages: Set<MessageID>

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
            let left = try held(in: due)
            if left == 0 {
                let parked = try parked(in: ledger.mailboxes(selection).filter { $0.cutoverAt != nil })
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

    private func held(in mailboxes: [MailboxStatus]) throws -> Int {
        guard !messages.isEmpty else { return mailboxes.reduce(0) { $0 + $1.counts.held } }
        return try count(in: mailboxes) { $0 == .held || $0 == .appending }
    }

    private func parked(in mailboxes: [MailboxStatus]) throws -> Int {
        guard !messages.isEmpty else { return mailboxes.reduce(0) { $0 + $1.counts.failed } }
        return try count(in: mailboxes) { $0 == .failed }
    }

    /// Deliveries of the messages that were asked for.
    private func count(in mailboxes: [MailboxStatus], where isMeant: (DeliveryState) -> Bool) throws -> Int {
        let addresses = Set(mailboxes.map(\.mailbox.address))
        return try messages.reduce(0) { sum, id in
            var filter = AuditFilter()
            filter.id = id
            return try sum
                + ledger.audit(filter).count { row in
                    isMeant(row.state) && row.mailbox.map(addresses.contains) ?? false
                }
        }
    }
}
