public import MailModel
public import Spool

/// One thing in which the Ledger in place and one built from the spool are not the same.
public enum LedgerDifference: Hashable, Sendable, CustomStringConvertible {
    /// The Ledger knows a message of which the spool has nothing: no record, and no act that says why.
    ///
    /// - Parameter segmentIsThere: whether the file is there that its record was in.
    case missing(MessageID, place: SpoolPosition, segmentIsThere: Bool)
    /// The spool has something that the Ledger lacks.
    case lacking(what: String, key: String)
    /// The Ledger has something that the spool does not say.
    case surplus(what: String, key: String)
    /// Both have it, and these columns differ.
    case differing(what: String, key: String, columns: [String])

    /// Mail that was accepted is not in the spool: the spool is damaged, and only the Ledger remembers.
    public var isMissingMail: Bool {
        if case .missing = self { return true }
        return false
    }

    public var description: String {
        switch self {
        case .missing(let id, let place, let isThere):
            "message \(id): the index knows it, the spool does not; it was in segment \(place.segment), "
                + (isThere
                    ? "which has no such record now" : "whose file is gone, and no act says that it was reclaimed")
        case .lacking(let what, let key): "\(what) \(key): the index lacks it"
        case .surplus(let what, let key): "\(what) \(key): the index has it, the spool does not"
        case .differing(let what, let key, let columns):
            "\(what) \(key): the index has another \(columns.joined(separator: ", ")) than the spool"
        }
    }
}
