import Ledger
import MailModel
import Spool

/// A message that is being exported: what the Ledger knows of it and what its record says.
struct ExportedMessage {
    var outcome: MessageOutcome
    var stored: SpooledMessage

    /// The recipient that a delivery of this message is for.
    func recipient(of delivery: Int64) -> String {
        let (recipients, ordinal) = (stored.envelope.recipients, ExportPlan.ordinal(of: delivery))
        return recipients.indices.contains(ordinal) ? recipients[ordinal].text : ""
    }
}
