public import Foundation

/// A real server for one test, as the new system of a migration.
public protocol TargetServer: AnyObject, Sendable {
    /// Port of IMAP in clear.
    var port: Int { get }
    var directory: URL { get }
    /// When this returns, the server answers.
    func start() throws
    /// Kills every process of it at once.
    func kill()
    /// Ends it and keeps what it stored.
    func stop()
    /// Ends it and removes what it stored.
    func remove()
    /// What `password_file` must hold.
    var passwords: String { get }
    /// The lines of `[targets.ox]` but `password_file`, `connections` and `settle`.
    var target: String { get }
    /// A connection that is logged in as a user.
    func reader(_ user: String) throws -> MailboxReader
    /// What it makes of the content of a mail, CRLF text without NUL, that stands below header lines of ours.
    func stored(_ content: [UInt8]) -> [UInt8]
}

extension TargetServer {
    public func stored(_ content: [UInt8]) -> [UInt8] { content }
}

extension ThrowawayDovecot: TargetServer {
    public var passwords: String { Self.masterPassword + "\n" }

    public var target: String {
        """
        host = "localhost"
        port = \(tlsPort ?? port)
        security = "\(tlsPort == nil ? "none" : "tls")"
        \(tlsPort == nil ? "" : "ca_file = \"\(authorityFile)\"")
        kind = "dovecot"
        login = "master"
        master_user = "\(Self.masterUser)"
        """
    }

    public func reader(_ user: String) throws -> MailboxReader {
        try MailboxReader(port: port, user: user, password: Self.userPassword)
    }
}
