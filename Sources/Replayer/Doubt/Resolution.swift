import MailModel
import Spool

/// A batch of which nobody knows yet whether the mailbox has it.
struct OpenDoubt {
    var intent: AppendIntent
    /// The server cannot commit it later than now: it has answered, or the settle time is over.
    var settled: Bool
    /// The server has said NO or BAD to it: what is not there was not appended, and nobody had the time to remove it.
    var isRefused = false
}

/// What looking for a batch has shown.
enum Resolution {
    /// All of it is there.
    case complete(Set<MessageID>)
    /// These are there; the others are held again.
    case partial(Set<MessageID>)
    /// The server may still commit it: look again after this time.
    case wait(Duration)

    var found: Set<MessageID> {
        switch self {
        case .complete(let ids), .partial(let ids): ids
        case .wait: []
        }
    }

    /// What was taken back goes before everything that came later.
    var after: AfterBatch {
        switch self {
        case .complete: .goOn
        case .partial: .startAnew
        case .wait(let time): .end(.settling(time))
        }
    }
}
