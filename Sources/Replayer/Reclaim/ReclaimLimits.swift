/// Every limit of a reclaim, with its reason.
public enum ReclaimLimits {
    /// A segment that is not dead as a whole is written anew only where at least so much of it, in percent, is dead: each byte that is
    /// copied then gives one back.
    public static let deadPercent = 50
    /// So many copies must be asked for before a share of them says anything: users do delete mail.
    public static let copiesThatTell = 20
    /// Where more of the copies than this, in percent, are nowhere in the mailbox, it was not its user.
    public static let vanishedPercent = 20
    /// Messages whose copies are asked for before their segments are given back: bounds memory, and the time between the two.
    static let messagesPerRound = 100_000
    /// Messages and bytes of one act that keeps what is known of them.
    static let messagesPerAct = 2_000
    static let bytesPerAct = 4 << 20
    /// A follower's first reclaim comes after this time and up to as much again, so that a process that is restarted every day has its own.
    static let firstPause = Duration.seconds(1_200)
    /// And then once in this time and up to an hour more, so that several machines do not ask one target together.
    static let pause = Duration.seconds(86_400)
    static let jitter = Duration.seconds(3_600)

    /// More copies have vanished than users delete.
    static func isAlarming(missing: Int, of asked: Int) -> Bool {
        asked >= copiesThatTell && missing * 100 > asked * vanishedPercent
    }
}
