/// How a connection proves who it is. Never printed: its description shows no secret.
public enum IMAPCredentials: Hashable, Sendable {
    /// LOGIN (RFC 3501 §6.2.3). A Dovecot master user logs in as `user*master`.
    case login(user: String, password: String)
    /// AUTHENTICATE PLAIN (RFC 4616): `authenticate`'s password opens `authorize`'s mailbox, as Zimbra lets an admin do. An empty
    /// `authorize` is the same user.
    case plain(authorize: String, authenticate: String, password: String)
}

extension IMAPCredentials: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        switch self {
        case .login(let user, _): "login(\(user))"
        case .plain(let authorize, let authenticate, _): "plain(\(authorize), as \(authenticate))"
        }
    }

    public var debugDescription: String { description }
}
