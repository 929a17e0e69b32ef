// VRFY (RFC 5321 §4.1.1.6, §7.3): the argument may be anything, the answer is always the same, so that nobody can sweep
// the list of mailboxes.

extension SMTPCommand {
    static func vrfy(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> SMTPCommand {
        guard !scanner.rest().isEmpty else { throw .argument }
        return .vrfy
    }
}

extension SMTPServerStateMachine {
    mutating func vrfy() -> Action { answerJunk(.cannotVerify) }
}
