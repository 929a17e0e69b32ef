public import MailModel

/// A mailbox to be checked, and what is to go into it.
public struct CheckSubject: Sendable {
    public var mailbox: RosterMailbox
    /// Messages held for it, and their octets.
    public var held: Int
    public var heldBytes: Int
    /// Octets of the largest one; 0 where nothing is held.
    public var largest: Int

    public init(mailbox: RosterMailbox, held: Int, heldBytes: Int, largest: Int) {
        self.mailbox = mailbox
        self.held = held
        self.heldBytes = heldBytes
        self.largest = largest
    }
}
