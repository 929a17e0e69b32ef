/// Gives each command of a connection its own tag: `L1`, `L2`, …
public struct IMAPTagGenerator: Sendable {
    private var last: UInt64 = 0

    public init() {}

    public mutating func next() -> IMAPTag {
        last &+= 1
        return IMAPTag("L\(last)")
    }
}
