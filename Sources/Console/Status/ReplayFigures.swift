/// What the replay of this process does.
public struct ReplayFigures: Hashable, Sendable {
    /// It watches for cutovers and new mail.
    public var isFollowing: Bool
    public var targets: [TargetFigures]
    /// What last went wrong with a mailbox, by the mailbox's id; gone once it goes well again.
    public var mailboxErrors: [String: String]

    public init(isFollowing: Bool, targets: [TargetFigures] = [], mailboxErrors: [String: String] = [:]) {
        self.isFollowing = isFollowing
        self.targets = targets
        self.mailboxErrors = mailboxErrors
    }
}
