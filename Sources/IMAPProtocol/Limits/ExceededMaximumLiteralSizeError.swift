/// A literal was announced with more octets than `IMAPLimits.literalSize`; `Int.max` stands for a number that does not fit.
public struct ExceededMaximumLiteralSizeError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
