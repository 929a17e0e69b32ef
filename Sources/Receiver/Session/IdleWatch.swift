import NIOCore

/// Looks after the time-outs of all sessions of one event loop, with one timer for all of them: a timer of its own for each
/// would cost each connection an entry in the loop's heap, and each end of one a search through it.
///
/// All sessions have the same time-out, so that one that begins is never due before those that are there. Used on its event
/// loop only.
final class IdleWatch {
    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    private var sessions: [ObjectIdentifier: SMTPSessionHandler] = [:]
    private var isTimerSet = false

    init(eventLoop: any EventLoop, timeout: TimeAmount) {
        self.eventLoop = eventLoop
        self.timeout = timeout
    }

    /// From now on the session is told when it has been silent for too long.
    func add(_ session: SMTPSessionHandler) {
        sessions[ObjectIdentifier(session)] = session
        if !isTimerSet { setTimer(in: timeout) }
    }

    func remove(_ session: SMTPSessionHandler) { sessions[ObjectIdentifier(session)] = nil }

    private func setTimer(in time: TimeAmount) {
        isTimerSet = true
        eventLoop.assumeIsolated().scheduleTask(in: time) { self.look() }
    }

    /// Tells those that are due, and waits for the next one; for nobody, where there is none.
    private func look() {
        isTimerSet = false
        let next = Array(sessions.values).map { $0.checkIdle() }.min()
        if let next, !sessions.isEmpty { setTimer(in: next) }
    }
}
