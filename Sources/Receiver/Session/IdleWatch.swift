import NIOCore

/// Looks after the time-outs of all sessions of one event loop, with one timer for all of them: a timer of its own for each
/// would cost each connection an entry in the loop's heap, and each end of one a search through it.
///
/// All sessions have the same time-out, so that one that begins is never due before those that are there. Used on its event
/// loop only.
final class IdleWatch {
    private let eventLoop: any EventLoop
    private var sessions: [ObjectIdentifier: SMTPSessionHandler] = [:]
    private var timer: Scheduled<Void>?
    private var isAboutToLook = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// From now on the session is told when it has been silent for too long.
    func add(_ session: SMTPSessionHandler) {
        sessions[ObjectIdentifier(session)] = session
        if timer == nil { setTimer(in: session.environment.idleTimeout) }
    }

    func remove(_ session: SMTPSessionHandler) { sessions[ObjectIdentifier(session)] = nil }

    /// The time-out has become another: looks soon, once for all sessions that say so.
    func timeoutChanged() {
        guard !isAboutToLook else { return }
        isAboutToLook = true
        setTimer(in: .zero)
    }

    private func setTimer(in time: TimeAmount) {
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: time) { self.look() }
    }

    /// Tells those that are due, and waits for the next one; for nobody, where there is none.
    private func look() {
        timer = nil
        isAboutToLook = false
        let next = Array(sessions.values).map { $0.checkIdle() }.min()
        if let next, !sessions.isEmpty { setTimer(in: next) }
    }
}
