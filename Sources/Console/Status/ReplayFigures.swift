/// What the replay of this process does.
public struct ReplayFigures: Hashable, Sendable {
    /// It watches for cutovers and new mail.
    public var isFollowing: Bool
    public var targets: [TargetFigures]

    public init(isFollowing: Bool, targets: [TargetFigures] = []) {
        self.isFollowing = isFollowing
        self.targets = targets
    }
}
