public import MailModel
public import Spool

/// A message of the spool whose id was found in a mailbox, as that mailbox's.
public struct FoundMessage: Hashable, Sendable {
    public var location: SpoolLocation
    /// Empty for the null sender.
    public var sender: String
    /// Recipients that mean the mailbox and of which it is not known that it has their copy, compared: held, in doubt, parked,
    /// or delivered and not verified.
    public var open: [String]
    /// Those of them that are known to be delivered and were not compared.
    public var delivered: [String]
    /// Recipients that have their verified copy in this mailbox.
    public var verified: [String]
    /// The message's other recipients, whose copies are in other mailboxes.
    public var others: [String]

    public var id: MessageID { location.id }
}
