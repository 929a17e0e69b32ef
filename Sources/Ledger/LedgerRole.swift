/// What a process does with the Ledger.
public enum LedgerRole: Sendable {
    /// Only asks. Never builds or projects; sees what a writer has projected.
    case reader
    /// Projects what is new in the spool. Several processes may open as writers; they take turns.
    case writer
}
