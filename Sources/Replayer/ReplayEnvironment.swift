import Ledger
import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool

/// What all mailboxes of a replay share.
struct ReplayEnvironment: Sendable {
    let ledger: Ledger
    let reader: SpoolReader
    let journal: Journal
    let group: any EventLoopGroup
    let logger: Logger
    let progress: ReplayProgress
    /// By name: a batch in doubt is looked for at the target that its intent names, whatever the roster says now.
    let targets: [String: ReplayTarget]
    let logins: LoginGuard
    let doubts: DoubtClock
    let losses: LostConnections
    let leftovers: TriedLeftovers
    let lateLooks: LateLooks
    let batchIDs: BatchIDs
    let ceilings: ConnectionCeilings
    let pace: DeliveryPace
    /// Set when the replay is to end: no new batch begins.
    let isStopping: StopFlag
    let clock: @Sendable () -> Timestamp

    /// Runs blocking work off the event loops and off the tasks' threads.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
