/// How the stand-in for Zimbra is set up: what an administrator of a real one could have changed.
///
/// File names are those of zm-mailbox, `store/src/java/com/zimbra/cs/`, at commit 2b7f9787c69e.
public struct ZimbraSettings: Sendable {
    /// What can be wrong with an account at login (`security/sasl/Authenticator.java`, `imap/ImapHandler.java`).
    public enum AccountState: Sendable {
        case normal
        /// `zimbraImapEnabled` or `zimbraPrefImapEnabled` is off.
        case withoutIMAP
        /// `AccountServiceException.MAINTENANCE_MODE`: NO, then the connection is closed.
        case maintenance
        case passwordMustBeChanged
        /// The account lives on another mailbox server.
        case elsewhere(host: String)
        /// The administrator may not act for this account (`AccessManager.canAccessAccount`).
        case forbiddenToAdmin
    }

    /// How far the search index is behind (`mailbox/MailboxIndex.java`).
    public enum SearchIndex: Sendable {
        case complete
        /// The last messages are not indexed yet.
        case lacksLast(Int)
        case none
    }

    /// Names taken out of CAPABILITY: `zimbraImapDisabledCapability`.
    public var disabledCapabilities: Set<String> = []
    /// What nginx answers to CAPABILITY before the login, where it stands in front: `zimbraReverseProxyImapEnabledCapability`.
    public var proxyCapabilities: String?
    /// LOGIN and AUTHENTICATE are refused without TLS: `zimbraImapCleartextLoginEnabled` is FALSE.
    public var refusesClearText = false
    public var admin = "migrator"
    public var adminPassword = "master"
    public var userPassword = "test"
    public var accounts: [String: AccountState] = [:]
    /// `zimbraMtaMaxMessageSize`, octets.
    public var maximumMessageSize = 10_240_000
    /// `zimbraImapMaxRequestSize`: octets of a request without its literals.
    public var maximumRequest = 10_240
    /// `zimbraMailQuota`, octets; nil is unlimited.
    public var quota: Int?
    /// The aggregate quota of the domain, which IMAP does not show.
    public var domainQuota: Int?
    /// `zimbraImapMaxConnections`.
    public var maximumConnections = 200
    /// `imap_throttle_command_limit` (`LC.java`).
    public var equalCommands = 25
    /// `imap_max_consecutive_error` (`LC.java`).
    public var consecutiveErrors = 5
    /// Item ids that other folders, conversations and tags consume before each message: the ids of a mailbox are one counter.
    public var idsBetweenMessages: @Sendable (Int) -> Int = { $0 % 3 == 0 ? 1 : 0 }
    public var searchIndex = SearchIndex.complete
    /// How long a connection may be idle, before its login and after it: 60 s and 1800 s with Zimbra (imap-targets 1.4), and as many
    /// milliseconds as a test wants.
    public var idleBeforeLoginMilliseconds: Int64 = 60_000
    public var idleMilliseconds: Int64 = 1_800_000
    /// The words with which a message with these octets is refused, as a broken store would; nil for one that is taken.
    public var refusal: (@Sendable ([UInt8]) -> String?)?
    /// How long a message that was taken is not shown yet, as behind a replica that lags.
    public var lagMilliseconds = 0
    /// A message with these octets makes FETCH fail: its items behind UID are left out, with OK (imap-targets 1.5).
    public var failsToFetch: (@Sendable ([UInt8]) -> Bool)?

    public init() {}
}
