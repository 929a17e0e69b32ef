/// The arithmetic of promise P5: every delivery that was accepted is in exactly one place.
public struct Proof: Hashable, Sendable {
    /// Recipients counted from the segments and, of what was given back, from the journal.
    public var accepted: Int
    public var counts: DeliveryCounts
    /// The Ledger has read to where the spool was stable.
    public var isComplete: Bool
    /// Messages that were accepted, as acts or an index from before a restore say, and that the spool has lost. Of the whole spool:
    /// whose they were is not known.
    public var lost = 0

    /// `accepted = delivered + merged + passed + handed_off + held + failed + dropped`, nothing is unread, and nothing is lost.
    public var isBalanced: Bool {
        isComplete && lost == 0
            && accepted == counts.delivered + counts.merged + counts.passed + counts.handedOff + counts.held
                + counts.failed + counts.dropped
    }

    private var numbers: [(name: String, value: Int)] {
        [
            ("accepted", accepted), ("delivered", counts.delivered), ("verified", counts.verified),
            ("normalised", counts.normalised),
            ("merged", counts.merged),
            ("passed", counts.passed), ("handed_off", counts.handedOff), ("held", counts.held),
            ("failed", counts.failed),
            ("dropped", counts.dropped), ("doubtful", counts.doubtful),
        ] + (lost > 0 ? [("lost", lost)] : [])
    }

    /// One JSON object on one line, with its line end.
    public var json: String { json(adding: []) }

    /// The same with further fields, whose values are JSON already, behind the others.
    public func json(adding more: [(name: String, value: String)]) -> String {
        let fields = numbers.map { (name: $0.name, value: String($0.value)) }
        return JSONText.object(fields + [("balanced", isBalanced ? "true" : "false")] + more) + "\n"
    }

    /// A line for each number, with its line end.
    public var table: String {
        numbers.map { TableText.line([($0.name, 12), (String($0.value), 0)]) }.joined()
            + TableText.line([
                ("balanced", 12),
                (isBalanced ? "yes" : isComplete ? "NO" : "NO: the Ledger has not read the whole spool", 0),
            ])
    }
}
