/// A server sent more than `IMAPLimits` allow. The connection cannot be used any further: where the answer ends is unknown.
public protocol IMAPLimitError: Error, Sendable {
    /// What was announced or had arrived when the limit was met; at least one more than the maximum.
    var actualCount: Int { get }
    var maximumCount: Int { get }
}
