/// Which copies an export is to write: eight bytes a delivery, so that a million fit in memory.
public struct ExportPlan: Sendable {
    /// What one user gets: a mailbox, or an address that means none.
    public struct Folder: Sendable {
        /// The primary address of the mailbox, or the recipient itself, in lower case.
        public var address: String
        /// The numbers of the deliveries, in order of arrival; one for each message.
        public var deliveries: [Int64]
    }

    /// By address.
    public var folders: [Folder] = []
    /// The numbers of the messages, each once, in order of arrival.
    public var messages: [Int64] = []

    /// Copies in all folders.
    public var copies: Int { folders.reduce(0) { $0 + $1.deliveries.count } }
}

extension ExportPlan {
    /// How many bits of a delivery's number are its ordinal.
    public static var ordinalBits: Int64 { LedgerLimits.recipientBits }

    /// The message that a delivery belongs to.
    public static func message(of delivery: Int64) -> Int64 { delivery >> LedgerLimits.recipientBits }

    /// Which of the message's recipients a delivery is for, from 0.
    public static func ordinal(of delivery: Int64) -> Int {
        Int(delivery & ((1 << LedgerLimits.recipientBits) - 1))
    }
}
