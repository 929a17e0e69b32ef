/// A delivery as projection finds it, before an act changes it.
struct ProjectedDelivery {
    var id: Int64
    var recipient: Int64
    /// The recipient in lower case.
    var key: String
    var state: DeliveryState
    /// The mailbox decided on; nil before the first intent and again once it is held anew.
    var mailbox: Int64?
    var batch: Int64?
    var isDoubtful: Bool
    /// Octets of the stored message.
    var bytes: Int64

    var tallyKey: Tally.Key {
        Tally.Key(recipient: recipient, mailbox: mailbox ?? 0, state: state, isDoubtful: isDoubtful)
    }

    var isWaiting: Bool { state == .held || state == .appending }
}
