import NIOCore
import NIOPosix
import Spool
import Synchronization

/// Finds out whether the spool's disk syncs now: writes one octet to a file of its own and syncs it.
///
/// It has a thread of its own, since a disk that hangs holds the thread for as long as it hangs; meanwhile no second look is begun.
final class DiskProbe: Sendable {
    private struct State {
        var isRunning = false
        var waiting: [EventLoopPromise<Void>] = []
    }

    private let path: String
    private let fileSystem: any SpoolFileSystem
    private let thread: NIOThreadPool
    private let state = Mutex(State())

    init(layout: SpoolLayout, fileSystem: any SpoolFileSystem) {
        path = layout.locks + "/probe"
        self.fileSystem = fileSystem
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    /// Ends the thread when the disk lets it. Nobody may wait for a look any more.
    func stop() { thread.shutdownGracefully { _ in } }

    /// Succeeds when an octet has reached the disk after this call. Fails with what the disk said; never, or late, where it hangs.
    func look(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isFirst = state.withLock { state in
            state.waiting.append(promise)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { begin() }
        return promise.futureResult
    }

    private func begin() {
        thread.submit { [self] poolState in
            // Who asks from here on has to wait for the next sync: this one may have begun too early for him.
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            let result = Result { () throws in
                guard case .active = poolState else { throw CancellationError() }
                try write()
            }
            for promise in waiting { promise.completeWith(result) }
            let isAskedAgain = state.withLock { state in
                state.isRunning = !state.waiting.isEmpty
                return state.isRunning
            }
            if isAskedAgain { begin() }
        }
    }

    private func write() throws {
        let file = try fileSystem.open(path, .readWrite)
        defer { file.close() }
        try [UInt8(ascii: "\n")].withUnsafeBytes { try file.write([$0], at: 0) }
        try file.sync()
    }
}
