import IMAPProtocol

/// What a NO or BAD to an APPEND concerns (imap-targets §4, the action table).
enum RefusalMeaning: Hashable {
    /// The message will never be taken there: park it.
    /// `isExplained`: by a code or words that mean the message; else it may be the mailbox all the same.
    case message(errorClass: String, isExplained: Bool)
    /// Nothing more can go to this mailbox now.
    case mailbox(ReplayError.Code)
    /// Several messages were sent; which one is meant must be found out.
    case oneOfTheBatch(isExplained: Bool)
    /// The folder can be made.
    case folderMissing

    init(_ refusal: AppendRefusal, isSingle: Bool) {
        switch refusal.text.code {
        case .overQuota?: self = .mailbox(.overQuota)
        case .noPermission?: self = .mailbox(.noPermission)
        case .contactAdmin?, .corruption?: self = .mailbox(.contactAdmin)
        case .unavailable?, .inUse?, .serverBug?: self = .mailbox(.unavailable)
        case .tryCreate?, .nonExistent?: self = .folderMissing
        case .limit?, .tooBig?: self = Self.message("too-big", isSingle)
        case .cannot?, .clientBug?, .parse?, .unknownCTE?: self = Self.message("refused", isSingle)
        default:
            let words = refusal.text.words.lowercased()
            if words.contains("maximum message size exceeded") {
                self = Self.message("too-big", isSingle)
            } else if Self.formRefusals.contains(where: words.contains) {
                self = Self.message("refused", isSingle)
            } else if words.contains("quota") {
                self = .mailbox(.overQuota)
            } else {
                self = Self.message("refused", isSingle, isExplained: false)
            }
        }
    }

    /// What Cyrus says of a message that it will never take (imap-targets §2), with no code.
    private static let formRefusals = [
        "message contains nul characters", "message contains bare newlines", "message contains invalid header",
        "message contains non-ascii characters in headers",
    ]

    private static func message(_ errorClass: String, _ isSingle: Bool, isExplained: Bool = true) -> RefusalMeaning {
        isSingle ? .message(errorClass: errorClass, isExplained: isExplained) : .oneOfTheBatch(isExplained: isExplained)
    }
}

extension AppendRefusal {
    /// It names a failure or a lock of the server's own: what becomes of the batch, it need not know.
    var isNoLastWord: Bool {
        guard let code = text.code else { return false }
        return code == .unavailable || code == .inUse || code == .serverBug
    }
}
