// HELP (RFC 5321 §4.1.1.8): what may be said now.

extension SMTPServerStateMachine {
    mutating func help() -> Action { answerJunk(offersSTARTTLS ? .helpWithSTARTTLS : .help) }
}
