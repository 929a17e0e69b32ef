import Spool

/// A stretch of the spool's messages, ready to be written.
struct PreparedPage: Sendable {
    var messages: [PreparedMessage]
    /// Where to go on reading.
    var next: SpoolPosition
    /// Places that were stepped over.
    var damage: Int
    /// What tells the segment that was read last from another in its place.
    var mark: SegmentMark?

    init(messages: [PreparedMessage], next: SpoolPosition, damage: Int) {
        self.messages = messages
        self.next = next
        self.damage = damage
    }

    init(_ page: SegmentPage) {
        messages = page.messages.map(PreparedMessage.init)
        next = page.next
        damage = page.damage.count
        mark = page.mark
    }
}
