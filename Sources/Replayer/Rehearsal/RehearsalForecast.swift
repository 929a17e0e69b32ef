import Ledger
import MailModel
import Spool

/// How long a wave will take, from how long its rehearsal took.
///
/// A mailbox has one connection, and a target so many; so a wave is through neither before its largest mailbox nor before all of its
/// mailboxes, shared among the connections.
struct RehearsalForecast {
    private let setup: Double
    private let perMessage: Double
    private let perByte: Double

    /// Nil where nothing was copied.
    init?(_ accounts: [RehearsalReport.Account]) {
        let copied = accounts.filter { $0.messages > 0 }
        let messages = copied.reduce(0) { $0 + $1.messages }
        let bytes = copied.reduce(0) { $0 + $1.bytes }
        guard messages > 0, bytes > 0 else { return nil }
        let time = copied.reduce(0) { $0 + $1.copying.inSeconds }
        setup = copied.reduce(0) { $0 + $1.setup.inSeconds } / Double(copied.count)
        perMessage = time / Double(messages)
        perByte = time / Double(bytes)
    }

    /// The held mail of these mailboxes on one target, no faster than a person allows it.
    func forecast(
        _ mailboxes: [MailboxStatus], target: String, connections: Int, within throttle: Throttle? = nil
    ) -> RehearsalReport.Forecast {
        let times = mailboxes.map { status in
            // Whichever is the dearer: many small messages, or few large ones.
            setup + max(Double(status.counts.held) * perMessage, Double(status.counts.heldBytes) * perByte)
        }
        let used = max(1, min(connections, mailboxes.count))
        let messages = mailboxes.reduce(0) { $0 + $1.counts.held }
        let bytes = mailboxes.reduce(0) { $0 + $1.counts.heldBytes }
        let allowed = [(messages, throttle?.messagesPerSecond), (bytes, throttle?.bytesPerSecond)].map { amount, rate in
            rate.map { Double(amount) / Double(max(1, $0)) } ?? 0
        }
        let seconds = max(times.max() ?? 0, times.reduce(0, +) / Double(used), allowed[0], allowed[1])
        let speed = perMessage > 0 ? Double(used) / perMessage : 0
        return RehearsalReport.Forecast(
            target: target, mailboxes: mailboxes.count, messages: messages,
            bytes: bytes, connections: used,
            messagesPerSecond: min(speed, throttle?.messagesPerSecond.map(Double.init) ?? .infinity),
            time: .milliseconds(Int64(min(1e15, seconds * 1_000))))
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1_000_000_000_000_000_000
    }
}
