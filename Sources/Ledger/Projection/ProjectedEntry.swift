import MailModel
import Spool

/// One message of a batch, as its intent stands in the Ledger. The head lines are not read.
struct ProjectedEntry {
    var appended: AppendIntent.Entry
    /// Neither delivered nor taken back.
    var isOpen: Bool

    func split(_ rows: [ProjectedDelivery]) -> (primary: ProjectedDelivery?, merged: [ProjectedDelivery]) {
        appended.split(rows)
    }
}

extension AppendIntent.Entry {
    /// Which of a message's deliveries gets the copy and which share it.
    ///
    /// A message may name one address twice in different case: the second is a merged one.
    func split(_ rows: [ProjectedDelivery]) -> (primary: ProjectedDelivery?, merged: [ProjectedDelivery]) {
        let key = recipient.asciiLowercased
        guard let index = rows.firstIndex(where: { $0.key == key }) else { return (nil, []) }
        let keys = Set(merged.map { $0.asciiLowercased })
        let others = rows.indices.filter { $0 != index && keys.contains(rows[$0].key) }
        return (rows[index], others.map { rows[$0] })
    }
}
