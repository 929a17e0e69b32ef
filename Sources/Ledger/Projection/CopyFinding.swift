/// What stands in `placement.finding` beside the journal's own words of a comparison.
enum CopyFinding {
    /// The whole account was looked through, and has no copy.
    static let missing = "missing"
    /// A person has taken the copy for good unseen; the reason may follow.
    static let accepted = "accepted"

    static func accepted(why: String) -> String { accepted + (why.isEmpty ? "" : ": " + why) }

    /// SQL: whether a finding of this column says so.
    static func isAccepted(_ column: String) -> String {
        "coalesce(\(column) = '\(accepted)' OR \(column) LIKE '\(accepted): %', 0)"
    }
}
