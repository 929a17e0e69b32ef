// EXPN (RFC 5321 §4.1.1.7): there are no lists to expand.

extension SMTPServerStateMachine {
    mutating func expn() -> Action { refuse(.notImplemented) }
}
