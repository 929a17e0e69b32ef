import IMAPProtocol

/// What a NO or BAD to an APPEND concerns (imap-targets §4, the action table).
enum RefusalMeaning: Hashable {
    /// The message will never be taken there: park it.
    case message(errorClass: String)
    /// Nothing more can go to this mailbox now.
    case mailbox(ReplayError.Code)
    /// Several messages were sent; which one is meant must be found out.
    case oneOfTheBatch
    /// The folder can be made.
    case folderMissing

    init(_ refusal: AppendRefusal, isSingle: Bool) {
        switch refusal.text.code {
        case .overQuota?: self = .mailbox(.overQuota)
        case .noPermission?, .contactAdmin?, .corruption?: self = .mailbox(.noPermission)
        case .unavailable?, .inUse?, .serverBug?: self = .mailbox(.unavailable)
        case .tryCreate?, .nonExistent?: self = .folderMissing
        case .limit?, .tooBig?: self = isSingle ? .message(errorClass: "too-big") : .oneOfTheBatch
        case .cannot?, .clientBug?, .parse?, .unknownCTE?: self = isSingle ? .message(errorClass: "refused") : .oneOfTheBatch
        default:
            let words = refusal.text.words.lowercased()
            if words.contains("maximum message size exceeded") {
                self = isSingle ? .message(errorClass: "too-big") : .oneOfTheBatch
            } else if words.contains("quota") {
                self = .mailbox(.overQuota)
            } else {
                self = isSingle ? .message(errorClass: "refused") : .oneOfTheBatch
            }
        }
    }
}
