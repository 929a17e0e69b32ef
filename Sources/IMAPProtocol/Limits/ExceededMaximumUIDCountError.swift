/// A UID set names more UIDs than `IMAPLimits.uidsPerCode`.
public struct ExceededMaximumUIDCountError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
