/// A stretch of the spool's messages, in order.
public struct SegmentPage: Sendable {
    public var messages: [SpooledMessage]
    /// Where to go on reading.
    public var next: SpoolPosition
    /// What was stepped over.
    public var damage: [SpoolDamage]
    /// The last segment that was read from.
    public var mark: SegmentMark?

    public init(messages: [SpooledMessage], next: SpoolPosition, damage: [SpoolDamage]) {
        self.messages = messages
        self.next = next
        self.damage = damage
    }
}
