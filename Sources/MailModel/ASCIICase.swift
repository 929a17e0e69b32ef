extension String {
    /// A to Z in lower case, everything else as it is. Full case mapping would make one address of two: it turns the Kelvin
    /// sign into `k`, and mail for a look-alike would reach the mailbox that it looks like.
    public var asciiLowercased: String {
        guard utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return self }
        return String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
