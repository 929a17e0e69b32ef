/// What reading the Ledger gave.
public enum LedgerReading: Hashable, Sendable {
    case readable(LedgerFigures)
    /// One line: why, and what to do.
    case unreadable(String)

    /// Nil when it could not be read.
    public var figures: LedgerFigures? {
        guard case .readable(let figures) = self else { return nil }
        return figures
    }
}
