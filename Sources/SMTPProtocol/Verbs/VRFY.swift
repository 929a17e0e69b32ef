// VRFY (RFC 5321 §4.1.1.6, §7.3; SMTPUTF8: RFC 6531 §3.7.4.2): the argument may be anything, the answer is always the same, so that nobody can sweep
// the list of mailboxes.

extension SMTPCommand {
    static func vrfy(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> SMTPCommand {
        let argument = scanner.rest()
        guard !argument.isEmpty else { throw .argument }
        guard scanner.isASCII || endsWithSMTPUTF8(argument) else { throw .needsSMTPUTF8 }
        return .vrfy
    }

    /// `VRFY jürgen SMTPUTF8`
    private static func endsWithSMTPUTF8(_ argument: Slice<UnsafeRawBufferPointer>) -> Bool {
        var scanner = SMTPArgumentScanner(UnsafeRawBufferPointer(rebasing: argument.suffix(9)), isASCII: false)
        return scanner.take(UInt8(ascii: " ")) && scanner.take(word: "SMTPUTF8") && scanner.isAtEnd
    }
}

extension SMTPServerStateMachine {
    mutating func vrfy() -> Action { answerJunk(.cannotVerify) }
}
