/// One mailbox of the roster: where the mail of its addresses goes.
///
/// A mailbox is (target, login); its `id` survives a renaming of either. An address belongs to one mailbox.
public struct RosterMailbox: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case user, shared, route
    }

    /// Stable for the mailbox's life: from the roster's `id` column, or made at import.
    public var id: String
    /// The primary address; also what the mailbox is called in every listing.
    public var address: String
    /// The name to log in as on the target (before a master user's suffix).
    public var login: String
    /// The `[targets.NAME]` of the configuration.
    public var target: String
    /// The cutover wave; empty when it is in none.
    public var wave: String
    /// Further addresses; `@example.com` is a catch-all.
    public var aliases: [String]
    public var kind: Kind
    /// Addresses that a person has assigned to it (`layover assign`): an import leaves them.
    public var assigned: [String]
    /// The folder that mail is put into; `INBOX` unless the roster says otherwise.
    public var folder: String

    public init(
        id: String, address: String, login: String, target: String, wave: String = "", aliases: [String] = [],
        assigned: [String] = [], kind: Kind = .user, folder: String = "INBOX"
    ) {
        self.id = id
        self.address = address
        self.login = login
        self.target = target
        self.wave = wave
        self.aliases = aliases
        self.assigned = assigned
        self.kind = kind
        self.folder = folder
    }

    /// Every address of the mailbox, the primary one first.
    public var addresses: [String] { [address] + aliases + assigned }
}
