import MailModel
import SystemTLS

/// `[targets.NAME]`: a system that held mail is put into by IMAP.
struct TargetSection: Hashable, Sendable {
    enum Security: String, CaseIterable, Sendable { case tls, starttls, none }
    enum Kind: String, CaseIterable, Sendable { case dovecot, zimbra, cyrus, courier, auto }
    enum Login: String, CaseIterable, Sendable { case master, authzid, passwords }

    /// The word by which the roster names it.
    let name: String
    let host: String
    let port: Int
    let security: Security
    let kind: Kind
    let login: Login
    /// Set unless `login` is `passwords`.
    let masterUser: String?
    let masterSeparator: String
    let passwordFile: String
    let connections: Int
    /// Nil: as long as its kind of server may.
    let settle: Duration?
    let junkFolder: String
    /// Nil: the certificates of the system are trusted.
    let caFile: String?
    /// Nil: not known.
    let maxMessageSize: ByteCount?

    init(_ reader: SectionReader) throws(ConfigurationError) {
        name = reader.section.components.last ?? ""
        host = try reader.value(Self.hostSetting)
        security = try reader.value(Self.securitySetting)
        port = try reader.optionalValue(Self.portSetting) ?? (security == .tls ? 993 : 143)
        kind = try reader.value(Self.kindSetting)
        login = try reader.value(Self.loginSetting)
        masterUser = try reader.optionalValue(Self.masterUserSetting)
        masterSeparator = try reader.value(Self.masterSeparatorSetting)
        passwordFile = try reader.value(Self.passwordFileSetting)
        connections = try reader.value(Self.connectionsSetting)
        settle = try reader.optionalValue(Self.settleSetting)
        junkFolder = try reader.value(Self.junkFolderSetting)
        caFile = try reader.optionalValue(Self.caFileSetting)
        let zimbraLimit = kind == .zimbra ? Self.zimbraMessageSize : nil
        maxMessageSize = try reader.optionalValue(Self.maxMessageSizeSetting) ?? zimbraLimit
        try checkSecurity(reader)
        try checkLogin(reader)
    }

    /// The default of `zimbraMtaMaxMessageSize`, which Zimbra does not announce over IMAP.
    static let zimbraMessageSize = ByteCount(10_240_000)

    /// Throws unless this process can read the files that the section names.
    func requireFiles(_ reader: SectionReader) throws(ConfigurationError) {
        try reader.requireReadable(passwordFile, Self.passwordFileSetting, remedy: passwordRemedy)
        guard let caFile else { return }
        try reader.requireReadable(
            caFile, Self.caFileSetting,
            remedy: "put the CA certificate there in PEM, or remove ca_file to trust those of the system")
    }

    private var passwordRemedy: String {
        let content =
            login == .passwords
            ? "a line `LOGIN PASSWORD` for each mailbox" : "the password of \(masterUser ?? "the master user")"
        guard let credential = SystemdCredential(path: passwordFile) else {
            return "put \(content) there, readable for the user of the replay"
        }
        return
            "put \(content) into \(credential.source), which \(credential.unit) takes at its start by LoadCredential=\(credential.name):\(credential.source), and start it: the file is here only while that unit runs"
    }

    /// The CA certificates that are trusted to vouch for it, read. Throws for a file that holds none.
    func trust(_ reader: SectionReader) throws(ConfigurationError) -> TLSClientContext {
        do throws(TLSError) {
            return try TLSClientContext(trust: caFile.map { .file($0) } ?? .system)
        } catch {
            throw reader.error(Self.caFileSetting, error)
        }
    }

    private func checkSecurity(_ reader: SectionReader) throws(ConfigurationError) {
        guard security == .none else { return }
        guard HostName.isLoopback(host) else {
            throw reader.error(
                Self.securitySetting, "\"none\" would send passwords and mail to \(host) in the clear",
                remedy: "write \"tls\" or \"starttls\"; \"none\" is for localhost only")
        }
        guard caFile == nil else {
            throw reader.error(
                Self.caFileSetting, "is not used with security = \"none\"",
                remedy: "remove it, or write security = \"tls\"")
        }
    }

    private func checkLogin(_ reader: SectionReader) throws(ConfigurationError) {
        if kind == .zimbra, login == .master {
            throw reader.error(
                Self.loginSetting, "Zimbra knows no master users of the form user\(masterSeparator)master",
                remedy: "write \"authzid\" with an administrator as master_user")
        }
        if login == .passwords, masterUser != nil {
            throw reader.error(
                Self.masterUserSetting, "is not used with login = \"passwords\"",
                remedy: "remove it, or write login = \"master\" or \"authzid\"")
        }
        if login != .passwords, masterUser == nil {
            throw reader.error(
                Self.masterUserSetting, "is missing, and login = \"\(login.rawValue)\" needs it",
                remedy: "write the account that may log in for every mailbox, such as `master_user = \"migrator\"`")
        }
        if login != .master, try reader.optionalValue(Self.masterSeparatorSetting) != nil {
            throw reader.error(
                Self.masterSeparatorSetting, "is not used with login = \"\(login.rawValue)\"",
                remedy: "remove it, or write login = \"master\"")
        }
    }
}
