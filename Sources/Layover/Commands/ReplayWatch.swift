import Ledger
import MailModel

/// `layover replay` beside a follower: the follower delivers, this watches until nothing is left of the selection.
struct ReplayWatch {
    let ledger: Ledger
    let selection: MailboxSelection
    /// Empty: everything held. Else only these.
    let messages: Set<MessageID>
    /// The options that make the selection.
    let words: String

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
            let all = try ledger.mailboxes(selection)
            let due = all.filter { $0.isDue(now: soon) }
            let left = try held(in: due)
            guard left > 0 else { return try end(all, soon) }
            if left != last {
                (last, moved) = (left, .now)
                StandardError.write("\(left) messages left in \(due.count) mailboxes\n")
            } else if ContinuousClock.now - moved > Self.patience {
                // As a replay without a follower says it.
                let waiting = due.filter { $0.counts.held > 0 }
                let isAway = !waiting.isEmpty && waiting.allSatisfy { $0.block?.errorClass == "unavailable" }
                throw CommandError(
                    isAway ? .targetUnavailable : .temporary,
                    "\(left) messages are left and the follower has not delivered any for a minute; see its log and `layover status`"
                )
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Nothing is left that the follower can deliver. What a person keeps back, or was refused, is not over.
    private func end(_ all: [MailboxStatus], _ now: Timestamp) throws {
        let heldBack = HeldBack(
            mailboxes: try HeldBack.meant(by: messages, among: all, ledger), selection: words, now: now, ledger: ledger)
        for line in try heldBack.lines() { Output.print(line) }
        let parked = try parked(in: all.filter { $0.cutoverAt != nil })
        guard parked == 0 else {
            throw CommandError(
                .temporary, "\(parked) messages are parked, all others are delivered; see `layover status`")
        }
        // Of messages that were named it counts also that their mailbox is not cut over, or that they have none.
        let kept =
            messages.isEmpty
            ? all.filter { $0.isPaused && $0.cutoverAt.map { $0 <= now } ?? false }.reduce(0) { $0 + $1.counts.held }
            : try ledger.deliveries(of: messages).filter(selection.means(in: all)).count {
                $0.state == .held || $0.state == .appending
            }
        guard kept == 0 else {
            throw CommandError(
                .temporary,
                "\(kept) messages stay held: their mailboxes are paused\(messages.isEmpty ? " (see above)" : ", not cut over, or none; see `layover status`")"
            )
        }
        Output.print("nothing left to deliver")
    }

    private func held(in mailboxes: [MailboxStatus]) throws -> Int {
        guard !messages.isEmpty else { return mailboxes.reduce(0) { $0 + $1.counts.held } }
        return try count(in: mailboxes) { $0 == .held || $0 == .appending }
    }

    private func parked(in mailboxes: [MailboxStatus]) throws -> Int {
        guard !messages.isEmpty else { return mailboxes.reduce(0) { $0 + $1.counts.failed } }
        return try count(in: mailboxes) { $0 == .failed }
    }

    /// Deliveries of the messages that were asked for, to these mailboxes.
    private func count(in mailboxes: [MailboxStatus], where isMeant: (DeliveryState) -> Bool) throws -> Int {
        let addresses = Set(mailboxes.map(\.mailbox.address))
        return try ledger.deliveries(of: messages).count { row in
            isMeant(row.state) && row.mailbox.map(addresses.contains) ?? false
        }
    }
}
