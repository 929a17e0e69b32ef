// HELP (RFC 5321 §4.1.1.8)

extension SMTPServerStateMachine {
    mutating func help() -> Action { answerJunk(.help) }
}
