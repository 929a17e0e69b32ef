// QUIT (RFC 5321 §4.1.1.10): what the client sent behind it is not looked at.

extension SMTPServerStateMachine {
    mutating func quit() -> Action { close(.goodbye) }
}
