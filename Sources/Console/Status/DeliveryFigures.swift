/// Numbers of deliveries, in the words of `prove`: `held` includes `appending`, `delivered` includes `verified`, `doubtful` is a
/// mark on any.
public struct DeliveryFigures: Hashable, Sendable {
    /// Counted from the spool itself; nil when only the Ledger was asked, which cannot prove itself.
    public var accepted: Int?
    public var held = 0
    /// The part of `held` that is named in an open intent.
    public var appending = 0
    public var delivered = 0
    /// The part of `delivered` whose digest was right when the mailbox gave it back.
    public var verified = 0
    public var merged = 0
    public var passed = 0
    public var handedOff = 0
    public var failed = 0
    public var dropped = 0
    public var doubtful = 0

    public init() {}

    /// `accepted = delivered + merged + passed + handed_off + held + failed + dropped`; nil when what was accepted is not known.
    public var isBalanced: Bool? { accepted.map { $0 == accountedFor } }

    /// The right side of the balance: all deliveries that are in the Ledger.
    public var accountedFor: Int { delivered &+ merged &+ passed &+ handedOff &+ held &+ failed &+ dropped }
}
