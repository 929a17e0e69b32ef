import Ledger
import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool

/// What all accounts of a rehearsal share.
struct RehearsalEnvironment: Sendable {
    let ledger: Ledger
    let reader: SpoolReader
    let journal: Journal
    let group: any EventLoopGroup
    let logger: Logger
    let logins = LoginGuard()
    let pace = DeliveryPace()

    /// Runs blocking work off the event loops and off the tasks' threads.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// The lock of an account; nil while somebody works on it.
    func lock(_ target: String, _ login: String) async throws -> SpoolLock? {
        let layout = ledger.layout
        return try await blocking {
            try SpoolLock.acquire(layout: layout, name: .mailbox(target: target, login: login), wait: false)
        }
    }
}
