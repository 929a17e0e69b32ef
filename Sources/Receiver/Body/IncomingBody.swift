import MailModel
import NIOCore
import NIOPosix
import Spool

/// The body of one message while it arrives: in memory, or, once it is large or memory is short, in a file of its own.
///
/// Belongs to one session and is used on its event loop only.
final class IncomingBody {
    /// What is needed to hand the message to the writer.
    struct Finished: Sendable {
        var content: MessageCommit.Content
        var digest: SHA256Digest
        /// Bytes of the budget that are given back once the message is written.
        var budgetBytes: Int
    }

    let id: MessageID
    private let environment: BodyEnvironment
    private let reservation: SpaceReservation
    private let eventLoop: any EventLoop
    private let hasher: SHA256Hasher
    private var memory: MessageBody
    private var budgetBytes = 0
    private var spill: SpilledBody?
    private var isAbandoned = false
    /// Called when a socket that had to wait for the disk may be read again.
    var onRelief: (() -> Void)?

    init(
        id: MessageID, expectedSize: Int, environment: BodyEnvironment, reservation: SpaceReservation,
        hasher: SHA256Hasher, eventLoop: any EventLoop
    ) {
        self.id = id
        self.environment = environment
        self.reservation = reservation
        self.hasher = hasher
        self.eventLoop = eventLoop
        // Room for the trace line too, so that a body of the declared size need not move.
        memory = MessageBody(
            capacity: min(expectedSize, environment.limits.firstMemory.bytes) + 512, expected: expectedSize + 512)
        accountForMemory()
    }

    deinit { environment.budget.giveBack(budgetBytes) }

    /// The disk has enough to do with this body: do not read more of it yet.
    var mustWait: Bool {
        guard let spill, spill.piecesWaiting > 0 else { return false }
        return spill.piecesWaiting >= environment.limits.piecesWaiting || environment.budget.isSpent
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        hasher.update(bytes)
        memory.append(bytes)
        accountForMemory()
        if let spill {
            let piece = environment.budget.isSpent ? environment.limits.smallBody : environment.limits.largePiece
            if memory.count >= piece.bytes { handOver(to: spill) }
        } else if memory.count > environment.largeThreshold.bytes
            || (memory.count > environment.limits.smallBody.bytes && environment.budget.isSpent)
        {
            let spill = SpilledBody(id: id, environment: environment, eventLoop: eventLoop)
            self.spill = spill
            handOver(to: spill)
        }
    }

    private func accountForMemory() {
        let footprint = memory.footprint
        if footprint > budgetBytes { environment.budget.take(footprint - budgetBytes) }
        if footprint < budgetBytes { environment.budget.giveBack(budgetBytes - footprint) }
        budgetBytes = footprint
    }

    /// Gives the filled piece to the disk and goes on with an empty one. The budget is given back when it is written.
    private func handOver(to spill: SpilledBody) {
        let piece = memory
        let bytes = budgetBytes
        memory = MessageBody()
        budgetBytes = 0
        let relieved = NIOLoopBound(self, eventLoop: eventLoop)
        spill.write(piece).assumeIsolated().whenComplete { [budget = environment.budget] result in
            budget.giveBack(bytes)
            let body = relieved.value
            if case .success(let written) = result { body.reservation.spend(written) }
            if !body.mustWait { body.onRelief?() }
        }
    }

    /// The message is whole. A large one is synced and named before this succeeds (Durability L2, L3).
    func finish() -> EventLoopFuture<Finished> {
        let digest = hasher.finish()
        guard let spill else {
            let finished = Finished(content: .memory(memory), digest: digest, budgetBytes: budgetBytes)
            budgetBytes = 0
            return eventLoop.makeSucceededFuture(finished)
        }
        if memory.count > 0 { handOver(to: spill) }
        return spill.commit().map { Finished(content: .large(length: $0), digest: digest, budgetBytes: 0) }
    }

    /// The message will not be accepted: nothing of it stays, in memory or on the disk. Nothing may be appended after this.
    func abandon() {
        guard !isAbandoned else { return }
        isAbandoned = true
        _ = hasher.finish()
        memory = MessageBody()
        accountForMemory()
        spill?.abandon()
    }
}

/// What all bodies of a receiver share.
struct BodyEnvironment: Sendable {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem
    let largeThreshold: ByteCount
    let limits: ReceiverLimits
    let budget: BodyBudget
    /// Threads for files: neither event loops nor the writer wait for a large body.
    let filePool: NIOThreadPool
}
