import Ledger
import MailModel

/// What only a person can settle: a line for each target, mailbox or kind of message that waits for somebody.
struct OpenWork {
    let ledger: Ledger

    /// Lines of one kind above which the rest is counted only.
    private static let linesOfAKind = 50
    private static let namesShown = 3

    func lines(_ mailboxes: [MailboxStatus]) throws -> [String] {
        let blocked = Self.blocks(mailboxes)
        let parked = try mailboxes.filter { $0.counts.failed > 0 }.flatMap(parkedLines)
        let doubtful = mailboxes.filter { $0.counts.doubtful > 0 }.map(Self.doubtfulLine)
        return Self.shortened(blocked, "blocked") + Self.shortened(parked, "parked")
            + Self.shortened(doubtful, "doubtful")
    }

    // MARK: Targets and mailboxes

    private static func blocks(_ mailboxes: [MailboxStatus]) -> [String] {
        let blocked = mailboxes.filter { $0.block != nil }
        let groups = Dictionary(grouping: blocked) { [$0.mailbox.target, $0.block?.errorClass ?? ""] }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { key, members in
            members.count > 1 && Remedy.targetWide.contains(key[1])
                ? [line(ofTarget: members)] : members.map { line(of: $0) }
        }
    }

    private static func line(ofTarget members: [MailboxStatus]) -> String {
        guard let first = members.first, let block = members.compactMap(\.block).min(by: { $0.since < $1.since }) else {
            return ""
        }
        let names = members.prefix(namesShown).map(\.mailbox.address).joined(separator: ", ")
        let more = members.count > namesShown ? ", …" : ""
        let held = members.reduce(0) { $0 + $1.counts.held }
        return
            "target \(first.mailbox.target): \(members.count) mailboxes (\(names)\(more)) with \(held) held, \(block.words): \(Remedy.forMailbox(block.errorClass)); then `layover retry --all`"
    }

    private static func line(of status: MailboxStatus) -> String {
        guard let block = status.block else { return "" }
        let address = status.mailbox.address
        return
            "\(address) on \(status.mailbox.target): \(status.counts.held) held, \(block.words): \(Remedy.forMailbox(block.errorClass)); then `layover retry --mailbox \(address)`"
    }

    // MARK: Messages

    private func parkedLines(_ status: MailboxStatus) throws -> [String] {
        let address = status.mailbox.address
        return try ledger.parkedReasons(mailboxID: status.mailbox.id).map { reason in
            "\(address): \(reason.count) parked, \(reason.errorClass) (\(reason.words)): \(Remedy.forMessage(reason.errorClass)); then `layover retry --mailbox \(address)`, or `layover drop ID --reason …`; `layover audit --mailbox \(address) --state failed` shows them"
        }
    }

    private static func doubtfulLine(_ status: MailboxStatus) -> String {
        let address = status.mailbox.address
        return
            "\(address): \(status.counts.doubtful) doubtful (there twice, perhaps, or not compared): `layover prove --live --mailbox \(address)` looks, and takes the mark from what is there once and says what is gone (that, `layover wave close --accept-unverified` takes for good); `layover audit --mailbox \(address) --state doubtful` shows them"
    }

    private static func shortened(_ lines: [String], _ kind: String) -> [String] {
        let shown = lines.prefix(linesOfAKind).map(\.escapedToOneLine)
        let rest = lines.count - shown.count
        return shown + (rest > 0 ? ["\(rest) more are \(kind); `layover report` shows all"] : [])
    }
}

extension MailboxBlock {
    fileprivate var words: String { "\(errorClass) since \(since.rfc3339.prefix(19))Z (\(text))" }
}
