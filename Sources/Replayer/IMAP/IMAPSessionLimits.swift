public import IMAPProtocol
public import NIOCore

/// How long a server may take and how much is sent at once.
public struct IMAPSessionLimits: Sendable {
    /// Until TCP is connected.
    public var connect = TimeAmount.seconds(30)
    /// For a `+`. A server that has read all we sent has nothing to wait for.
    public var continuation = TimeAmount.seconds(60)
    /// For the next response. Dovecot may wait 180 s for a lock, Zimbra 60 s.
    public var reply = TimeAmount.seconds(300)
    /// For the answer to LOGOUT, on which nothing depends.
    public var logout = TimeAmount.seconds(5)
    /// For the whole answer to one command, and for the whole way to a login: a server that dribbles must not hold a mailbox for ever.
    public var command = TimeAmount.seconds(3_600)
    /// Time allowed beside that for bytes on their way, in either direction: one second for so many octets.
    public var slowestRate = 64 << 10
    /// TCP_USER_TIMEOUT: unacknowledged bytes end the connection. Must lie below the target's settle time, or the kernel could still
    /// deliver a token when the mailbox has been looked into.
    public var unacknowledged = TimeAmount.seconds(60)
    /// Octets that wait in the process for the socket before the upload pauses.
    public var writeBuffer = 1 << 20
    /// UIDs asked for in one UID FETCH. A bound on what one answer can hold.
    public var uidsPerFetch = 500
    /// Octets of UID set in one command; Zimbra takes lines of 10,240.
    public var uidSetLength = 4000
    /// Responses to one command. A server that never ends its answer is cut off.
    public var responsesPerCommand = 100_000
    /// Octets of one answer without the bodies that stream by: bounds what its caller keeps of a list of folders.
    public var textPerCommand = 64 << 20
    public var protocolLimits = IMAPLimits()
    public var appendLimits = AppendLimits()

    public init() {}

    /// `base`, and the time for `octets` at the slowest rate.
    func allowance(_ base: TimeAmount, octets: Int) -> TimeAmount {
        base + .milliseconds(Int64(octets) * 1000 / Int64(max(1, slowestRate)))
    }
}
