/// Makes message ids that never go back in time, whatever the clock does.
///
/// Each id takes the larger of the clock and the last id's time, so ids made by one process sort in the order in which
/// they were made to the millisecond; 80 random bits keep ids of different processes apart.
public struct MessageIDGenerator: Sendable {
    private var lastMilliseconds: UInt64
    private var source: SystemRandomNumberGenerator

    /// - Parameter notBefore: milliseconds since 1970 that no id may lie before, such as the newest id in the spool.
    public init(notBefore: UInt64 = 0) {
        self.lastMilliseconds = notBefore
        self.source = SystemRandomNumberGenerator()
    }

    /// The next id for a message received at `now`.
    public mutating func next(now: Timestamp) -> MessageID {
        lastMilliseconds = max(lastMilliseconds, UInt64(max(0, now.milliseconds)))
        return MessageID(milliseconds: lastMilliseconds, random: source.next(), source.next())
    }
}
