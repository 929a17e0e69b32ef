import Synchronization

/// Whether so many sessions are open that slow ones must make room, so that good ones still find a place (Postfix's STRESS_README).
final class StressGauge: Sendable {
    private let beginsAt: Int
    private let endsBelow: Int
    private let state = Atomic<Bool>(false)
    private let listener = Mutex<(@Sendable (Bool) -> Void)?>(nil)

    init(limits: ReceiverLimits) {
        beginsAt = max(1, limits.sessions * limits.stressPercent / 100)
        // It ends well below where it begins.
        endsBelow = max(1, beginsAt * 3 / 4)
    }

    var isOn: Bool { state.load(ordering: .relaxed) }

    /// Told of each change, on the event loop of the session that brought it.
    func onChange(_ body: @escaping @Sendable (Bool) -> Void) { listener.withLock { $0 = body } }

    /// So many sessions are open now. True where this is a change.
    func note(sessions: Int) -> Bool {
        let wasOn = isOn
        let isOn = wasOn ? sessions >= endsBelow : sessions >= beginsAt
        guard isOn != wasOn,
            state.compareExchange(expected: wasOn, desired: isOn, ordering: .relaxed).exchanged
        else { return false }
        listener.withLock { $0 }?(isOn)
        return true
    }
}
