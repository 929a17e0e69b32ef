/// Lists are nested deeper than `IMAPLimits.nesting`.
public struct ExceededMaximumNestingError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
