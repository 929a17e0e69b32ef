/// A batch whose intent stands in the Ledger.
struct ProjectedIntent {
    var key: Int64
    var mailbox: Int64
    var target: String
}
