/// Why an APPEND has no answer.
public struct AppendInterruption: Hashable, Sendable {
    public enum Cause: Hashable, Sendable {
        /// EOF or a broken connection.
        case connectionClosed
        /// The server did not answer within the time allowed.
        case timedOut
        /// `* BYE`.
        case bye
        /// The server's answer was not one that may come here.
        case protocolViolation
        /// The intent could not be made durable, so the token was held back for good.
        case intentFailed
        /// The batch cannot be sent at all, such as an empty message.
        case invalidBatch
    }

    public let cause: Cause
    /// The server's last words, or ours on the cause; never empty.
    public let words: String

    public init(_ cause: Cause, words: String = "") {
        self.cause = cause
        self.words = words.isEmpty ? cause.words : words
    }
}

extension AppendInterruption.Cause {
    fileprivate var words: String {
        switch self {
        case .connectionClosed: "the connection was closed"
        case .timedOut: "no answer came in time"
        case .bye: "the server said BYE"
        case .protocolViolation: "the answer was not IMAP"
        case .intentFailed: "the intent could not be written"
        case .invalidBatch: "the batch cannot be sent"
        }
    }
}
