public import MailModel
public import Spool

/// The throttle that stands for a target, and who set it.
public struct TargetThrottle: Hashable, Sendable {
    public var throttle: Throttle
    public var since: Timestamp
    public var by: String
    /// May be empty.
    public var why: String
}
