public import IMAPProtocol
import Spool

#if canImport(Glibc)
import Glibc
#endif

/// How the replay logs in to a mailbox of a target.
public struct TargetCredentials: Sendable {
    /// The three ways of the configuration.
    public enum Method: Sendable {
        /// `user*master`, the separator being Dovecot's `auth_master_user_separator`.
        case master(user: String, separator: String)
        /// AUTHENTICATE PLAIN as an administrator, for the mailbox.
        case authzid(user: String)
        /// A password for each login: lines of `login password`.
        case passwords
    }

    private let method: Method
    private let passwordFile: String

    public init(method: Method, passwordFile: String) {
        self.method = method
        self.passwordFile = passwordFile
    }

    /// All mailboxes log in with one account's password.
    var isShared: Bool {
        if case .passwords = method { false } else { true }
    }

    /// What to log in with for a mailbox. The file is read each time, so that a mended password counts at once. Blocks.
    public func credentials(for login: String) throws -> IMAPCredentials {
        let text = try read()
        switch method {
        case .master(let user, let separator):
            return .login(user: login + separator + user, password: firstLine(of: text))
        case .authzid(let user):
            return .plain(authorize: login, authenticate: user, password: firstLine(of: text))
        case .passwords:
            for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
                let words = line.split(separator: " ", maxSplits: 1)
                if words.count == 2, words[0] == login { return .login(user: login, password: String(words[1])) }
            }
            throw ReplayError(.credentials, "\(passwordFile) has no line for \(login): add `\(login) PASSWORD`")
        }
    }

    private func firstLine(of text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    }

    private func read() throws -> String {
        do {
            let file = try POSIXFileSystem().open(passwordFile, .readOnly)
            let bytes = try [UInt8](unsafeUninitializedCapacity: file.size()) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            }
            return String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        } catch {
            throw ReplayError(.credentials, "the password file cannot be read: \(error)")
        }
    }
}
