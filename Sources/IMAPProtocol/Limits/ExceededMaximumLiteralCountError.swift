/// One response holds more literals than `IMAPLimits.literalsPerResponse`.
public struct ExceededMaximumLiteralCountError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
