/// Makes message ids that never go back in time, whatever the clock does.
///
/// Each id of a generator sorts behind the one before: while the clock goes on, by its time; while it stands still or has gone
/// back, by a random step. 80 random bits keep ids of different processes apart.
public struct MessageIDGenerator: Sendable {
    /// The latest time that fits an id.
    private static let latest: UInt64 = (1 << 48) - 1
    /// The largest step between two ids of one millisecond: too small to run into the next one, too large to be guessed.
    private static let largestStep: UInt64 = 1 << 48

    private var last: MessageID
    private var source = SystemRandomNumberGenerator()

    /// - Parameter notBefore: milliseconds since 1970 that no id may lie before, such as the newest id in the spool.
    public init(notBefore: UInt64 = 0) {
        last = MessageID(milliseconds: min(notBefore, Self.latest), random: source.next(), source.next())
    }

    /// The next id for a message received at `now`.
    public mutating func next(now: Timestamp) -> MessageID {
        let milliseconds = min(UInt64(max(0, now.milliseconds)), Self.latest)
        if milliseconds > last.milliseconds {
            last = MessageID(milliseconds: milliseconds, random: source.next(), source.next())
        } else {
            let step = UInt64.random(in: 1...Self.largestStep, using: &source)
            let (low, carries) = last.low.addingReportingOverflow(step)
            last = MessageID(high: last.high &+ (carries ? 1 : 0), low: low)
        }
        return last
    }
}
