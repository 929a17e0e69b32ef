public import IMAPProtocol
import NIOCore
import SystemTLS

/// Why a target did not do what it was asked: like an enum, but extensible. `description` is one line for an operator.
public struct IMAPError: Error, Sendable {
    public let code: Code
    /// What failed and what to do about it.
    public let message: String
    /// What the server said; safe to print.
    public let serverWords: String?
    /// The machine-readable half of what the server said.
    public let responseCode: ResponseCode?

    public init(_ code: Code, _ message: String, serverWords: String? = nil, responseCode: ResponseCode? = nil) {
        self.code = code
        self.message = message
        self.serverWords = serverWords
        self.responseCode = responseCode
    }
}

extension IMAPError {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// No TCP connection.
        public static let connectFailed = Code(description: "connect-failed")
        /// No TLS: certificate, name or handshake.
        public static let tlsFailed = Code(description: "tls-failed")
        /// STARTTLS is required and was not to be had.
        public static let startTLSUnavailable = Code(description: "starttls-unavailable")
        /// The server, or somebody on the way, behaved as an attacker would: PREAUTH, or answers injected before TLS.
        public static let untrustworthy = Code(description: "untrustworthy")
        /// `* BYE`: busy, shutting down, throttling, too many connections.
        public static let bye = Code(description: "bye")
        /// NO or BAD to the login; see `responseCode`. Trying again can lock the account.
        public static let loginRefused = Code(description: "login-refused")
        /// The server takes no login of this kind here.
        public static let loginUnavailable = Code(description: "login-unavailable")
        /// NO or BAD to another command.
        public static let refused = Code(description: "refused")
        public static let timedOut = Code(description: "timed-out")
        public static let connectionClosed = Code(description: "connection-closed")
        /// What the server said is not IMAP, came where it may not, or was too much.
        public static let protocolViolation = Code(description: "protocol-violation")
        /// A value of ours cannot be sent, or a command was given while another ran.
        public static let invalidRequest = Code(description: "invalid-request")
    }
}

extension IMAPError: CustomStringConvertible {
    public var description: String {
        guard let serverWords, !serverWords.isEmpty else { return message }
        return "\(message) (server: \(serverWords))"
    }
}

extension IMAPError {
    init(_ error: IMAPClientError) {
        let (code, message): (Code, String) =
            switch error.code {
            case .bye:
                (.bye, "The server ended the connection; it may be busy, in maintenance or limiting connections.")
            case .preauthenticated:
                (
                    .untrustworthy,
                    "The server says somebody is logged in already (PREAUTH): check host and port, and who is on the way."
                )
            case .responseInjection:
                (
                    .untrustworthy,
                    "Bytes came in clear after STARTTLS: use security = \"tls\", and check who is on the way."
                )
            case .startTLSUnavailable:
                (
                    .startTLSUnavailable,
                    "The server does not offer STARTTLS: use security = \"tls\" with its TLS port (993)."
                )
            case .loginUnavailable:
                (.loginUnavailable, "The server takes no such login on this connection: check security and login.")
            case .loginRefused:
                (.loginRefused, "The login was refused: check user, password, and the right to act for the mailbox.")
            case .protocolViolation:
                (.protocolViolation, "The server's answer breaks the protocol: check that host and port are IMAP.")
            case .connectionClosed: (.connectionClosed, "The server closed the connection.")
            case .notReady: (.invalidRequest, "A command was given while another runs.")
            }
        self.init(code, message, serverWords: error.text.words, responseCode: error.text.code)
    }

    /// A tagged NO or BAD.
    init(refused command: String, _ tagged: TaggedResponse) {
        self.init(
            .refused, "\(command) was refused with \(tagged.status.rawValue).", serverWords: tagged.text.words,
            responseCode: tagged.text.code)
    }

    /// Whatever went up the pipeline.
    init(connection error: any Error) {
        switch error {
        case let error as IMAPError: self = error
        case let error as IMAPClientError: self.init(error)
        case let error as TLSError where error.code == .truncated: self.init(.connectionClosed, error.description)
        case let error as TLSError: self.init(.tlsFailed, error.description)
        case let error as any IMAPLimitError:
            self.init(.protocolViolation, "The server sent more than is taken: \(error).")
        case let error as IMAPParseError:
            self.init(
                .protocolViolation,
                "The server's answer is not IMAP: \(error.expected) expected at octet \(error.position).")
        case let error as IMAPEncodeError:
            self.init(.invalidRequest, "A value cannot be sent to the server: \(error.reason).")
        default: self.init(.connectionClosed, "The connection broke: \(Self.words(error)).")
        }
    }
}
