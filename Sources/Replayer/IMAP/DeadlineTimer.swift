import NIOCore

/// One moment by which something must have happened, moved often and checked seldom. Stays on its event loop.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private let expired: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: Scheduled<Void>?

    init(eventLoop: any EventLoop, expired: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.expired = expired
    }

    /// Expires in `amount` from now, whatever was set before.
    func allow(_ amount: TimeAmount) {
        let new = eventLoop.now + amount
        if let deadline, new < deadline { stop() }
        deadline = new
        if scheduled == nil { schedule(new) }
    }

    /// Expires in `amount` from now at the earliest.
    func prolong(to amount: TimeAmount) {
        if let deadline, deadline >= eventLoop.now + amount { return }
        allow(amount)
    }

    func stop() {
        deadline = nil
        scheduled?.cancel()
        scheduled = nil
    }

    private func schedule(_ moment: NIODeadline) {
        scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: moment) { [self] in
            scheduled = nil
            guard let deadline else { return }
            if eventLoop.now >= deadline {
                self.deadline = nil
                expired()
            } else {
                schedule(deadline)
            }
        }
    }
}
