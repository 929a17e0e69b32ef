/// How long groups took from being taken by the writer to being synced, in buckets that a monitor can add up.
public struct CommitLatency: Sendable, Hashable {
    /// Upper bounds of the buckets; one more bucket takes what is above all of them.
    public static let boundsMicroseconds = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        10_000_000,
    ]

    /// Groups in each bucket alone, one more than there are bounds.
    public private(set) var counts = [Int](repeating: 0, count: boundsMicroseconds.count + 1)
    public private(set) var totalMicroseconds = 0

    public init() {}

    mutating func add(_ duration: Duration) {
        let parts = duration.components
        let microseconds = Int(clamping: parts.seconds &* 1_000_000 &+ parts.attoseconds / 1_000_000_000_000)
        let bucket = Self.boundsMicroseconds.firstIndex { microseconds <= $0 } ?? Self.boundsMicroseconds.count
        counts[bucket] += 1
        totalMicroseconds &+= microseconds
    }
}

/// What the writer is doing at one moment; for health and for a watchdog.
public struct WriterProgress: Sendable, Hashable {
    /// Messages that wait to be taken.
    public var waiting = 0
    /// Since when the writer has been at the group in its hands; nil while it waits for messages.
    public var busySince: ContinuousClock.Instant?
    /// When a group last reached stable storage; nil before the first.
    public var lastCommit: ContinuousClock.Instant?
}
