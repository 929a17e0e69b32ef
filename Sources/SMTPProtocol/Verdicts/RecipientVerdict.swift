/// What the recipient policy says to one RCPT.
public enum RecipientVerdict: Hashable, Sendable {
    case accept
    /// Not in our domains: 550 5.7.1.
    case relayDenied
    /// In our domains, but no mailbox: 550 5.1.1.
    case unknown
    /// As `unknown`, where unknown recipients are to try again: 450 4.1.1.
    case deferred
    /// The mailbox is closed: 550 5.2.1.
    case disabled
    /// The list of mailboxes cannot be read: 451 4.4.3.
    case directoryUnavailable
    /// 452 4.3.1.
    case storageLow
    /// Blocklists that this server asks name the client: 554 5.7.1, with the one that counts most.
    case listed(by: String)

    var refusal: SMTPReply? {
        switch self {
        case .accept: nil
        case .relayDenied: .relayDenied
        case .unknown: .unknownRecipient
        case .deferred: .unknownRecipientForNow
        case .disabled: .disabledRecipient
        case .directoryUnavailable: .directoryUnavailable
        case .storageLow: .insufficientStorage
        case .listed(let zone): .listed(by: zone)
        }
    }

    /// The client asked for a mailbox that it cannot have, which counts against it (a sweep through guessed names).
    var isClientsFault: Bool {
        switch self {
        case .relayDenied, .unknown, .deferred, .disabled, .listed: true
        case .accept, .directoryUnavailable, .storageLow: false
        }
    }
}
