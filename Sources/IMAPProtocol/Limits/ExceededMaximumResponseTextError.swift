/// The text of one response, counted in octets over all its lines, went beyond `IMAPLimits.responseText`.
public struct ExceededMaximumResponseTextError: IMAPLimitError, Hashable {
    public let actualCount: Int
    public let maximumCount: Int

    public init(actualCount: Int, maximumCount: Int) {
        self.actualCount = actualCount
        self.maximumCount = maximumCount
    }
}
