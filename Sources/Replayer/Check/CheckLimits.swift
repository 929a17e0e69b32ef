/// Every limit of a check, with its reason.
enum CheckLimits {
    /// Octets that the lines on top of a stored message take at the most: three names and an id.
    static let headOctets = 1_024
    /// And what they take of a quota, for each message.
    static let usualHeadOctets = 200
    /// One that ends sooner than this is worth a word.
    static let certificateShouldLast: Int64 = 30 * 86_400
    /// Seconds that a server may take to answer: a check is watched by somebody.
    static let replySeconds: Int64 = 60
}
