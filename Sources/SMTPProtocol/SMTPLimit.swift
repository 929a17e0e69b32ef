/// The limits that one session can run into, for the log and the metrics: see ``SMTPLimits`` for what each is.
public enum SMTPLimit: Hashable, Sendable, CaseIterable {
    /// Octets before the banner.
    case earlyTalker
    case commandLine
    case errors
    case refusedRecipients
    case junkCommands
    case mailCommands
    case recipients
    /// By SIZE, by the chunks announced, or while it came.
    case messageSize
    case smallChunks
}
