import MailModel

/// A message of another spool, as it might come into this one.
struct ImportCandidate {
    /// What became of it there for one recipient.
    struct Delivery: Hashable {
        var state: String
        var isDoubtful: Bool
        /// The mailbox that the recipient meant there; nil for none.
        var mailbox: String?
    }

    /// As it was there, with every recipient.
    var envelope: Envelope
    /// In the order of the envelope's recipients.
    var deliveries: [Delivery]
    var length: Int
    var digest: SHA256Digest
    /// Hands over the stored bytes in pieces. Throws where they cannot be had; the digest is compared by whoever takes them.
    var content: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
}

extension ImportCandidate {
    /// What is to be done with a message.
    enum Verdict: Equatable {
        /// It is held here for these recipients; the others have it already, or a person gave it up for them.
        case owed([MailAddress])
        /// Nobody waits for it any more.
        case settled
        /// Whether a mailbox has it is known to nobody but the other spool's replay: it must look first.
        case doubtful([MailAddress])
        /// A state that this version does not know.
        case unknown(String)
    }

    /// A recipient counts as served where its mailbox has the message under another address: replay there would have merged it.
    var verdict: Verdict {
        var served: Set<String> = []
        for delivery in deliveries where ["delivered", "verified", "merged"].contains(delivery.state) {
            if let mailbox = delivery.mailbox { served.insert(mailbox) }
        }
        var (owed, doubtful): ([MailAddress], [MailAddress]) = ([], [])
        for (recipient, delivery) in zip(envelope.recipients, deliveries) {
            switch delivery.state {
            case "delivered", "verified", "merged", "passed", "handed_off", "dropped": break
            case "appending": doubtful.append(recipient)
            case "held", "failed":
                if delivery.isDoubtful {
                    doubtful.append(recipient)
                } else if !(delivery.mailbox.map(served.contains) ?? false) {
                    owed.append(recipient)
                }
            default: return .unknown(delivery.state)
            }
        }
        if !doubtful.isEmpty { return .doubtful(doubtful) }
        return owed.isEmpty ? .settled : .owed(owed)
    }
}
