/// Why a mailbox, or the whole replay, cannot go on. The message names the thing and the remedy.
public struct ReplayError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The target cannot be reached or ends the connection.
        public static let unavailable = Code(description: "unavailable")
        /// The login is refused or no password is known; trying again could lock the account.
        public static let credentials = Code(description: "credentials")
        /// Not tried: too many logins in a row were refused at the target.
        public static let notTried = Code(description: "not-tried")
        /// The account is in maintenance; it comes back by itself.
        public static let maintenance = Code(description: "maintenance")
        /// The account may not be used by IMAP.
        public static let noAccess = Code(description: "no-access")
        /// Another server has the account.
        public static let otherServer = Code(description: "other-server")
        /// TLS could not be set up, or the certificate is not the target's.
        public static let untrusted = Code(description: "untrusted")
        /// The mailbox takes nothing more now: full.
        public static let overQuota = Code(description: "over-quota")
        /// The folder is not there and cannot be made.
        public static let noMailbox = Code(description: "no-mailbox")
        /// The server does not let us append there.
        public static let noPermission = Code(description: "no-permission")
        /// The roster names a target that the configuration does not have.
        public static let noTarget = Code(description: "no-target")
        /// The spool's files cannot be read now: descriptors or memory are short.
        public static let spool = Code(description: "spool")
        /// Another process works on the mailbox.
        public static let busy = Code(description: "busy")
        /// The server has said OK and shows nothing: what goes again may be there twice.
        public static let notShown = Code(description: "not-shown")
        /// The server asks for its administrator, or says that it is damaged.
        public static let contactAdmin = Code(description: "contact-admin")
        /// Folders could not be looked into, or not wholly: what lies there may be delivered already.
        public static let notWhole = Code(description: "not-whole")
        /// An answer of the server that nobody expected.
        public static let refused = Code(description: "refused")
    }

    public let code: Code
    public let message: String
    /// The connection could not be made or was lost: waiting may help by itself.
    let isOutage: Bool

    public init(_ code: Code, _ message: String) { self.init(code, message, isOutage: false) }

    init(_ code: Code, _ message: String, isOutage: Bool) {
        self.code = code
        self.message = message
        self.isOutage = isOutage
    }

    public var description: String { message }
}
