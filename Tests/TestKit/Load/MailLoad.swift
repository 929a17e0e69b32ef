import Foundation
import Synchronization

/// Senders that go on whatever happens to the server, as the world's mail servers do: what was not acknowledged is sent again.
///
/// Every attempt differs in one line, so that the oracle can tell them apart. Each sender is a thread.
public final class MailLoad: Sendable {
    private struct State {
        var isStopping = false
        var running = 0
        var faults: [String] = []
    }

    private let state: Mutex<State>
    private let oracle: DeliveryOracle
    private let addresses: [String]
    private let port: @Sendable () -> UInt16?
    private let largeOneIn: Int?
    private let counts: @Sendable () -> Bool

    /// Starts `senders` threads. `port` is asked before each connection; nil while no server runs.
    ///
    /// - Parameters:
    ///   - largeOneIn: one mail in so many is larger than what goes into a segment; none where nil.
    ///   - counts: whether a 250 that has just come counts as one; else the mail may have been taken or not.
    public init(
        senders: Int, seed: UInt64, addresses: [String], oracle: DeliveryOracle, largeOneIn: Int? = nil,
        counts: @escaping @Sendable () -> Bool = { true }, port: @escaping @Sendable () -> UInt16?
    ) {
        state = Mutex(State(running: senders))
        self.oracle = oracle
        self.addresses = addresses
        self.largeOneIn = largeOneIn
        self.counts = counts
        self.port = port
        for sender in 0..<senders {
            let thread = Thread { self.send(SampleMail(seed: seed &+ UInt64(sender))) }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Lets every sender end its mail. Returns what the server did wrong: refusals for good.
    public func stop() throws -> [String] {
        state.withLock { $0.isStopping = true }
        try eventually("the senders end", within: .seconds(60)) { state.withLock { $0.running == 0 ? () : nil } }
        return state.withLock { $0.faults }
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func send(_ samples: SampleMail) {
        var samples = samples
        // Another load may send to the same mailboxes: no two attempts of any may be alike.
        var attempt = Int(samples.random.next() >> 16)
        var waiting: OutgoingMail?
        while !isStopping {
            guard let port = port(), let client = try? SMTPClient(port: port) else {
                usleep(10_000)
                continue
            }
            do {
                // Some mails a connection, as real senders do.
                for _ in 0..<samples.number(1...8) where !isStopping {
                    attempt += 1
                    let mail = waiting ?? next(&samples)
                    waiting = mail
                    if try deliver(mail.attempt(attempt), client) { waiting = nil }
                }
                try client.command("QUIT")
            } catch {
                // The connection is gone; what was under way is sent again.
                continue
            }
        }
        state.withLock { $0.running -= 1 }
    }

    /// False when it is to be sent again.
    private func deliver(_ mail: OutgoingMail, _ client: SMTPClient) throws -> Bool {
        oracle.willSend(mail)
        let outcome = try client.send(mail)
        if let id = outcome.acknowledgedID {
            if counts() { oracle.didAcknowledge(mail, id: id) }
            return true
        }
        // What follows a refused MAIL is refused too, for that reason.
        let replies = [outcome.sender] + outcome.recipients + [outcome.final]
        if let refusal = replies.first(where: { $0.code >= 400 }), refusal.code >= 500 {
            state.withLock { $0.faults.append("\(mail.name): \(refusal)") }
        }
        return false
    }

    private func next(_ samples: inout SampleMail) -> OutgoingMail {
        let recipients = recipients(&samples)
        if let largeOneIn, samples.number(1...largeOneIn) == 1 {
            return samples.large(samples.number(1_100_000...3_000_000), to: recipients)
        }
        return samples.next(to: recipients)
    }

    private func recipients(_ samples: inout SampleMail) -> [String] {
        var chosen: Set<String> = []
        for _ in 0..<samples.number(1...4) { chosen.insert(samples.pick(addresses)) }
        return chosen.sorted()
    }
}
