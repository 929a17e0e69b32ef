/// A line, counted in octets, did not end within `IMAPLimits.lineLength`.
public struct ExceededMaximumLineLengthError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
