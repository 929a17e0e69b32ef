/// What the Ledger in place was found to be, beside one built from the spool.
public struct LedgerComparison: Sendable {
    /// The first differences, in the order of the tables; at most `LedgerLimits.differencesNamed`.
    public internal(set) var differences: [LedgerDifference] = []
    /// How many there are, named or not.
    public internal(set) var count = 0
    /// How many of them are messages that the spool has lost.
    public internal(set) var missing = 0
    /// How many of them are acts that the Ledger in place knows and the journal does not.
    var unknownActs = 0
    /// Messages with damaged bytes whose subject and Message-ID stay as the Ledger in place has them, and not as those bytes say.
    public internal(set) var kept = 0
    /// What SQLite itself finds wrong with the file, or why there was none to compare with.
    public internal(set) var faults: [String] = []
    /// The Ledger built from the spool was put in the place of the one there.
    public internal(set) var isRepaired = false
    /// How far both have read.
    public internal(set) var progress: LedgerProgress

    /// The Ledger is what the spool says.
    public var isSame: Bool { count == 0 && faults.isEmpty }

    mutating func add(_ difference: LedgerDifference) {
        count += 1
        missing += difference.isMissingMail ? 1 : 0
        if case .surplus(LedgerView.acts.name, _) = difference { unknownActs += 1 }
        if differences.count < LedgerLimits.differencesNamed { differences.append(difference) }
    }
}
