import Ledger
import MailModel

/// Mail that no replay moves, since a person keeps it: in mailboxes that are not cut over, or that are paused. In lines that say how to
/// let it go.
struct HeldBack {
    private static let namesShown = 3

    /// The mailboxes that are meant.
    let mailboxes: [MailboxStatus]
    /// The options that choose them: `--wave 3`.
    let selection: String
    let now: Timestamp
    let ledger: Ledger

    /// Of these mailboxes the ones that messages go to; all of them for no messages.
    static func meant(
        by messages: Set<MessageID>, among mailboxes: [MailboxStatus], _ ledger: Ledger
    ) throws -> [MailboxStatus] {
        guard !messages.isEmpty else { return mailboxes }
        let addresses = Set(try ledger.deliveries(of: messages).compactMap(\.mailbox))
        return mailboxes.filter { addresses.contains($0.mailbox.address) }
    }

    /// One for each kind that there is.
    func lines() throws -> [String] {
        try [notCutOver, scheduled, paused()].compactMap { $0?.escapedToOneLine }
    }

    /// Deliveries that wait in cut-over mailboxes for the end of a pause.
    var pausedHeld: Int { Self.held(pausedAndDue) }

    // MARK: Not cut over

    private var notCutOver: String? {
        let waiting = mailboxes.filter { $0.cutoverAt == nil && $0.counts.held > 0 }
        guard !waiting.isEmpty else { return nil }
        return
            "not cut over: \(Self.count(waiting)) with \(Self.held(waiting)) held (\(Self.names(waiting))): `layover cutover \(selection)` lets them go"
    }

    private var scheduled: String? {
        let waiting = mailboxes.filter { $0.counts.held > 0 && ($0.cutoverAt.map { $0 > now } ?? false) }
        guard let first = waiting.compactMap(\.cutoverAt).min() else { return nil }
        return
            "not cut over yet: \(Self.count(waiting)) with \(Self.held(waiting)) held (\(Self.names(waiting))): the first from \(LocalTime(first)) on"
    }

    // MARK: Paused

    private var pausedAndDue: [MailboxStatus] {
        mailboxes.filter { $0.isPaused && $0.counts.held > 0 && ($0.cutoverAt.map { $0 <= now } ?? false) }
    }

    /// Paused mailboxes of which no mail waits for the end of the pause; nil where there are none.
    func pausedIdly() throws -> String? {
        let due = Set(pausedAndDue.map(\.mailbox.id))
        return try Self.paused(mailboxes.filter { $0.isPaused && !due.contains($0.mailbox.id) }, selection, ledger)
    }

    /// Cut-over mailboxes with held mail that a person has paused; nil where there are none.
    func paused() throws -> String? { try Self.paused(pausedAndDue, selection, ledger) }

    /// `paused: 1 mailbox with 4 held (anna@example.com by root since …: wait for Anna): `layover resume …` …`; nil for no mailbox.
    static func paused(_ paused: [MailboxStatus], _ selection: String, _ ledger: Ledger) throws -> String? {
        guard !paused.isEmpty else { return nil }
        let shown = try paused.prefix(namesShown).map { status in
            let address = status.mailbox.address
            let act = try ledger.history(mailboxID: status.mailbox.id).last { $0.kind == "paused" }
            guard let act else { return address }
            return "\(address) by \(act.by) since \(act.at.rfc3339.prefix(19))Z"
                + (act.why.isEmpty ? "" : ": \(act.why)")
        }
        let more = paused.count > namesShown ? "; …" : ""
        let chosen =
            paused.count > namesShown
            ? selection : "--mailbox " + paused.map(\.mailbox.address).joined(separator: " ")
        return
            "paused: \(count(paused)) with \(held(paused)) held (\(shown.joined(separator: "; "))\(more)): `layover resume \(chosen)` lets them go"
    }

    // MARK: Words

    private static func held(_ mailboxes: [MailboxStatus]) -> Int { mailboxes.reduce(0) { $0 + $1.counts.held } }

    private static func count(_ mailboxes: [MailboxStatus]) -> String {
        "\(mailboxes.count) mailbox\(mailboxes.count == 1 ? "" : "es")"
    }

    private static func names(_ mailboxes: [MailboxStatus]) -> String {
        mailboxes.prefix(namesShown).map(\.mailbox.address).joined(separator: ", ")
            + (mailboxes.count > namesShown ? ", …" : "")
    }
}
