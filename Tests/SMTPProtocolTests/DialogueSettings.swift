import MailModel
import SMTPProtocol

/// The `! …` lines at the head of a dialogue that set the server up.
struct DialogueSettings {
    private var size = 10_240
    private var bareNewlines = BareNewlinePolicy.normalize
    private var offersSTARTTLS = false
    private var recipientDomains: Int?
    private var limits = SMTPLimits()

    var configuration: SMTPServerConfiguration {
        SMTPServerConfiguration(
            hostname: "mx1.example.com", maximumMessageSize: ByteCount(size), bareNewlines: bareNewlines,
            offersSTARTTLS: offersSTARTTLS, recipientDomains: recipientDomains, limits: limits)
    }

    /// False when the line is not a setting.
    mutating func apply(_ line: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        let number = words.last.flatMap { Int($0) } ?? 0
        switch words.dropLast(Int(words.last ?? "") == nil ? 0 : 1).joined(separator: " ") {
        case "message size limit": size = number
        case "reject bare newlines": bareNewlines = .reject
        case "offer STARTTLS": offersSTARTTLS = true
        case "recipient limit": limits.recipients = number
        case "recipient overshoot limit": limits.recipientOvershoot = number
        case "error limit": limits.errors = number
        case "refused recipient limit": limits.refusedRecipients = number
        case "small chunk limit": limits.smallChunks = number
        case "small chunk octets": limits.smallChunkOctets = number
        case "mail limit": limits.mailCommands = number
        case "recipient domains": recipientDomains = number
        case "junk limit": limits.junkCommands = number
        default: return false
        }
        return true
    }
}
