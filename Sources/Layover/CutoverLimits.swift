/// What a cutover gives a person time for.
enum CutoverLimits {
    /// How far `--at` may lie in the past: further back it is a mistake, such as a wrong year.
    static let oldest = Duration.seconds(86_400)

    /// Where a follower runs, so long passes between a cutover and the first delivery: whoever sees that the count is not what was
    /// meant can take it back, and no mailbox has got anything. `cutover --grace` changes it for one call.
    static let grace = Duration.seconds(10)
}
