import MailModel
import NIOCore
import NIOPosix
import Spool

/// A body that goes to `large/<id>`, piece after piece, on the file threads.
///
/// Used on its session's event loop only. After a failed step every later one fails with the same error.
final class SpilledBody {
    private let environment: BodyEnvironment
    private let eventLoop: any EventLoop
    /// The last step asked for; each waits for the one before.
    private var lastStep: EventLoopFuture<LargeFile>
    private var length = 0
    private(set) var piecesWaiting = 0

    init(id: MessageID, environment: BodyEnvironment, eventLoop: any EventLoop) {
        self.environment = environment
        self.eventLoop = eventLoop
        let (layout, fileSystem) = (environment.layout, environment.fileSystem)
        lastStep = environment.filePool.runIfActive(eventLoop: eventLoop) {
            try LargeFile(id: id, layout: layout, fileSystem: fileSystem)
        }
    }

    /// Writes the next piece. The future gives how much is written with it, or ends when it is given up.
    func write(_ piece: MessageBody) -> EventLoopFuture<Int> {
        let offset = length
        let end = offset + piece.count
        length = end
        piecesWaiting += 1
        step { try $0.write(piece, at: offset) }
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        return lastStep.map { _ in end }.always { _ in this.value.piecesWaiting -= 1 }
    }

    /// L2, L3. The future gives the body's length.
    func commit() -> EventLoopFuture<Int> {
        let length = self.length
        step { try $0.commit() }
        return lastStep.map { _ in length }
    }

    func abandon() {
        let pool = environment.filePool
        lastStep.whenSuccess { file in pool.submit { _ in file.abandon() } }
    }

    private func step(_ body: @escaping @Sendable (LargeFile) throws -> Void) {
        let (pool, loop) = (environment.filePool, eventLoop)
        lastStep = lastStep.flatMap { file in
            pool.runIfActive(eventLoop: loop) {
                do {
                    try body(file)
                } catch {
                    file.abandon()
                    throw error
                }
                return file
            }
        }
    }
}
