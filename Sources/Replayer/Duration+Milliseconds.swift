extension Duration {
    /// Rounded down; the longest that can be told where it is longer.
    var wholeMilliseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return .max }
        return product &+ components.attoseconds / 1_000_000_000_000_000
    }
}
