import Foundation
import Synchronization
import TestKit

/// Mails that are sent at once, each on a connection and a thread of its own, and whose answers are waited for.
final class HeldMails: Sendable {
    private struct State {
        var begun = 0
        var acknowledged = 0
        var running: Int
    }

    private let state: Mutex<State>

    init(_ mails: [OutgoingMail], port: UInt16, oracle: DeliveryOracle) {
        state = Mutex(State(running: mails.count))
        for mail in mails {
            let thread = Thread {
                defer { self.state.withLock { $0.running -= 1 } }
                guard let client = try? SMTPClient(port: port) else { return }
                oracle.willSend(mail)
                self.state.withLock { $0.begun += 1 }
                guard let id = try? client.send(mail).acknowledgedID else { return }
                oracle.didAcknowledge(mail, id: id)
                self.state.withLock { $0.acknowledged += 1 }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Mails whose connection stands.
    var begun: Int { state.withLock { $0.begun } }
    var acknowledged: Int { state.withLock { $0.acknowledged } }

    /// Waits until each has its answer, or has lost its connection.
    func end() throws {
        try eventually("every sender ends", within: .seconds(60)) { state.withLock { $0.running == 0 ? () : nil } }
    }
}
