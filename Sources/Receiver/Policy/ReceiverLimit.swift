/// The limits that a client can run into, under their names in the configuration; for the log and the metrics.
enum ReceiverLimit: String, Sendable, CaseIterable {
    case sessions = "max_sessions"
    case sessionsPerClient = "sessions_per_client"
    case sessionsPerNetwork = "sessions_per_network"
    case connectionsPerMinute = "connections_per_minute"
    case abortsPerMinute = "aborts_per_minute"
    case commands
    case delayedErrors = "errors_before_delay"
    case headerSize = "header_size"
    case lineLength = "line_length"
    case stress = "stress_sessions"
    case blocklists
}
