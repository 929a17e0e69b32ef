// RSET (RFC 5321 §4.1.1.5): the transaction is forgotten, the greeting stays.

extension SMTPServerStateMachine {
    mutating func rset() -> Action {
        resetTransaction()
        return answerJunk(.ok)
    }
}
