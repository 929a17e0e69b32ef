/// Why a dialogue could not go on.
public struct IMAPClientError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        /// The greeting was `* BYE`, or one came later.
        case bye
        /// The greeting was `* PREAUTH`: somebody is logged in, and who is not ours to guess. Under STARTTLS it is an attack.
        case preauthenticated
        /// STARTTLS is required and was not offered, or was refused. There is no falling back.
        case startTLSUnavailable
        /// Bytes came in clear after the OK to STARTTLS: somebody put them there to be believed inside TLS.
        case responseInjection
        /// LOGINDISABLED, or no AUTH=PLAIN.
        case loginUnavailable
        /// NO or BAD to LOGIN or AUTHENTICATE; see the text's code.
        case loginRefused
        /// An answer that may not come here.
        case protocolViolation
        case connectionClosed
        /// A command was given while another runs, or before the login.
        case notReady
    }

    public let code: Code
    /// The server's words.
    public let text: ResponseText

    public init(_ code: Code, _ text: ResponseText) {
        self.code = code
        self.text = text
    }

    public init(_ code: Code, words: String) { self.init(code, ResponseText(words: words)) }
}
