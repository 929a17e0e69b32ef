/// That a spool was found to be brought back, and what is known of it.
public struct RestoreNotice: Hashable, Sendable, CustomStringConvertible {
    /// Why it must be taken for a restored one, or a copy.
    public var reasons: [String]
    /// What the index, made before, knew more than the spool does; empty where it is not known.
    public var lost: String

    /// One line for a person.
    public var description: String {
        "this spool was restored, copied or cut short: \(reasons.joined(separator: "; "))\(lost.isEmpty ? "" : " (\(lost))"). Before anything is delivered, `layover replay --reconcile` must look into the mailboxes"
    }
}
