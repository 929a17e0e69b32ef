import MailModel
import NIOCore
import NIOPosix

/// Why there is no connection, in words that an operator can act upon.
///
///     cannot connect to imap.example.com:993: Connection refused; is the server up, and are host and port right?
extension IMAPError {
    init(connecting endpoint: IMAPEndpoint, _ error: any Error) {
        let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
        self.init(
            .connectFailed, "cannot connect to \(host):\(endpoint.port): \(Self.reason(error, host: endpoint.host))")
    }

    private static func reason(_ error: any Error, host: String) -> String {
        guard let error = error as? NIOConnectionError else { return "\(words(error)); \(advice)" }
        // A name can have several addresses, which often fail for one reason.
        var causes: [String] = []
        for cause in error.connectionErrors.map({ words($0.error) }) where !causes.contains(cause) {
            causes.append(cause)
        }
        guard !causes.isEmpty else {
            return "no address was found for \(host); is the name right, and does DNS answer?"
        }
        return "\(causes.joined(separator: ", ")); \(advice)"
    }

    private static let advice = "is the server up, and are host and port right?"

    /// What a socket's failure is called; NIO's own text names the system call.
    static func words(_ error: any Error) -> String {
        if case ChannelError.connectTimeout(let limit) = error {
            return "no answer within \(limit.nanoseconds / 1_000_000_000) s"
        }
        return SystemErrorText.of(error, number: (error as? IOError)?.errnoCode)
    }
}
