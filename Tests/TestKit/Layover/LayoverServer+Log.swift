extension LayoverServer {
    /// Waits until one line of the log has all of these words: it may come behind the reply that it tells of.
    public func expectLog(_ words: String...) throws {
        try eventually("the log has a line with \(words)", within: .seconds(20)) {
            let lines = process.errorText.split(separator: "\n")
            return lines.contains { line in words.allSatisfy { line.contains($0) } } ? () : nil
        }
    }
}
