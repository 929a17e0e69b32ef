/// Where messages are taken over from.
protocol ImportSource {
    /// How many messages there are, as far as that is known beforehand.
    var count: Int { get }
    /// Messages that cannot be read as they were accepted, each with the reason.
    var damaged: [String] { get }
    /// Files that look like messages and of which nothing tells whom they are for; known at the end.
    var unnamed: Set<String> { get }
    /// The next messages, in order; empty at the end.
    mutating func next() throws -> [ImportCandidate]
    /// Goes back to the first.
    mutating func rewind() throws
}
