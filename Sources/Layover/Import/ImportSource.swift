/// Where messages are taken over from.
protocol ImportSource {
    /// How many messages there are, as far as that is known beforehand.
    var count: Int { get }
    /// Messages that cannot be read as they were accepted, each with the reason.
    var damaged: [String] { get }
    /// The next messages, in order; empty at the end.
    mutating func next() throws -> [ImportCandidate]
    /// Goes back to the first.
    mutating func rewind() throws
}
