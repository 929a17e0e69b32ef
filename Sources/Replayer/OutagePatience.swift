/// How long a replay of one turn waits for targets that went away in the middle of it, as for a restart.
struct OutagePatience {
    private var pauses = 0
    private var deliveredBefore = 0

    /// The next pause before they are tried again; nil when it was waited long enough since the last delivery.
    mutating func next(of all: [Duration], delivered: Int) -> Duration? {
        if delivered != deliveredBefore { (pauses, deliveredBefore) = (0, delivered) }
        guard pauses < all.count else { return nil }
        defer { pauses += 1 }
        return all[pauses]
    }
}
