import SMTPProtocol

/// The limits that a client can run into, under their names in the configuration where they stand there; for the log (`limit=…`)
/// and the metrics. What each is and why: ``ReceiverLimits`` and ``SMTPLimits``.
enum ReceiverLimit: String, Sendable, CaseIterable {
    case sessions = "max_sessions"
    case sessionsPerClient = "sessions_per_client"
    case sessionsPerNetwork = "sessions_per_network"
    case connectionsPerMinute = "connections_per_minute"
    case abortsPerMinute = "aborts_per_minute"
    case blocklists
    case earlyTalkers = "early_talkers"
    case proxyHeader = "proxy_header"
    case commands
    case commandLine = "command_line"
    case errors
    case delayedErrors = "errors_before_delay"
    case junkCommands = "junk_commands"
    case refusedRecipients = "refused_recipients"
    case mailCommands = "mail_commands"
    case smallChunks = "small_chunks"
    case recipients = "max_recipients"
    case messageSize = "max_message_size"
    case headerSize = "header_size"
    case lineLength = "line_length"
    case receivedLines = "received_lines"
    case tlsHandshake = "tls_handshake"
    case timeout
    case slowestData = "slowest_data"
    case stress = "stress_sessions"
    case stressTimeout = "stress_timeout"
    case memory
    case freeSpace = "min_free"
    case openFiles = "open_files"

    init(_ limit: SMTPLimit) {
        self =
            switch limit {
            case .earlyTalker: .earlyTalkers
            case .commandLine: .commandLine
            case .errors: .errors
            case .refusedRecipients: .refusedRecipients
            case .junkCommands: .junkCommands
            case .mailCommands: .mailCommands
            case .recipients: .recipients
            case .messageSize: .messageSize
            case .smallChunks: .smallChunks
            }
    }

    /// Honest clients run into it every day: for whoever looks closely.
    var isEveryday: Bool {
        switch self {
        case .timeout, .stressTimeout, .delayedErrors: true
        default: false
        }
    }
}
