// NOOP (RFC 5321 §4.1.1.9): an argument is allowed and ignored.

extension SMTPServerStateMachine {
    mutating func noop() -> Action { answerJunk(.ok) }
}
