public import MailModel

/// One thing that an import does to the roster.
public enum RosterChange: Hashable, Sendable, CustomStringConvertible {
    /// One field of a mailbox, before and after.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var old: String
        public var new: String
    }

    case added(RosterMailbox)
    case changed(RosterMailbox, [Field])
    case removed(RosterMailbox)

    /// `+ anna@example.com: …`, `~ …`, `- …`.
    public var description: String {
        switch self {
        case .added(let mailbox):
            "+ \(mailbox.address): \(mailbox.login) on \(mailbox.target)"
                + (mailbox.wave.isEmpty ? "" : ", wave \(mailbox.wave)")
                + (mailbox.aliases.isEmpty ? "" : ", also \(mailbox.aliases.joined(separator: " "))")
        case .changed(let mailbox, let fields):
            "~ \(mailbox.address): "
                + fields.map { "\($0.name) \(Self.shown($0.old)) → \(Self.shown($0.new))" }.joined(separator: ", ")
        case .removed(let mailbox):
            "- \(mailbox.address): \(mailbox.login) on \(mailbox.target)"
        }
    }

    private static func shown(_ value: String) -> String { value.isEmpty ? "(none)" : value }

    /// The mailbox as it is afterwards; one that is removed as it was.
    public var mailbox: RosterMailbox {
        switch self {
        case .added(let mailbox), .changed(let mailbox, _), .removed(let mailbox): mailbox
        }
    }

    var isRemoval: Bool { if case .removed = self { true } else { false } }

    /// Whether mail of the mailbox goes elsewhere afterwards, or nowhere.
    func movesMail(of old: RosterMailbox) -> Bool {
        isRemoval || (old.target, old.login, old.folder) != (mailbox.target, mailbox.login, mailbox.folder)
    }

    /// Whether it gives a mailbox another place or other addresses.
    var concernsDelivery: Bool {
        guard case .changed(_, let fields) = self else { return true }
        return fields.contains { ["mailbox", "login", "target", "aliases"].contains($0.name) }
    }

    /// The fields in which two states of a mailbox differ.
    static func fields(from old: RosterMailbox, to new: RosterMailbox) -> [Field] {
        [
            Field(name: "mailbox", old: old.address, new: new.address),
            Field(name: "login", old: old.login, new: new.login),
            Field(name: "target", old: old.target, new: new.target), Field(name: "wave", old: old.wave, new: new.wave),
            Field(name: "aliases", old: old.aliases.joined(separator: " "), new: new.aliases.joined(separator: " ")),
            Field(name: "type", old: old.kind.rawValue, new: new.kind.rawValue),
            Field(name: "folder", old: old.folder, new: new.folder),
        ].filter { $0.old != $0.new }
    }
}
