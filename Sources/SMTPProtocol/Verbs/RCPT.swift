import MailModel

// RCPT (RFC 5321 §4.1.1.3)
//
//     C: RCPT TO:<bob@example.com>
//     S: 250 2.1.5 Recipient ok

extension SMTPCommand {
    static func rcpt(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> SMTPCommand {
        scanner.skipSpaces()
        guard scanner.take(word: "TO:") else { throw .argument }
        scanner.skipSpaces()
        let start = scanner.position
        let recipient = try forwardPath(&scanner)
        let isInternational = scanner.isInternational(from: start)
        try SMTPParameterParser.rcptParameters(&scanner)
        return isInternational ? .internationalRcpt(recipient) : .rcpt(recipient)
    }

    private static func forwardPath(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> MailAddress {
        do throws(SMTPPathParser.Failure) {
            switch try SMTPPathParser.path(&scanner) {
            case .address(let address): return address.unquoted
            // The one mailbox that every server has, in any case and without a domain (RFC 5321 §4.5.1).
            case .localPart(let name) where name.asciiLowercased == "postmaster":
                return MailAddress(localPart: name, domain: "")
            case .null, .localPart: throw .grammar
            }
        } catch {
            switch error {
            case .relay: throw .relayPath
            case .grammar: throw .recipient
            }
        }
    }
}

extension SMTPServerStateMachine {
    mutating func rcpt(_ recipient: MailAddress, isInternational: Bool = false) -> Action {
        guard greeting != nil else { return refuse(.helloFirst) }
        guard let transaction else { return refuse(.mailFirst) }
        guard !transaction.isChunked else { return refuse(.chunksBegun) }
        if isInternational, !transaction.parameters.isSMTPUTF8 {
            self.transaction?.hasRefusedRecipients = true
            return refuse(.needsSMTPUTF8)
        }
        guard transaction.acceptedCommands < configuration.limits.recipients else { return tooManyRecipients() }
        phase = .recipientPending(recipient)
        return .checkRecipient(recipient)
    }

    /// Temporary and patient: the client sends the message to the recipients it has and comes again with the others
    /// (RFC 5321 §4.5.3.1.10). Without end it is an attack.
    private mutating func tooManyRecipients() -> Action {
        let overshoot = (transaction?.overshoot ?? 0) + 1
        transaction?.overshoot = overshoot
        // Told once for each message.
        if overshoot == 1 { reached = .recipients }
        let isPatient = overshoot <= configuration.limits.recipientOvershoot
        return isPatient ? answer(.tooManyRecipients) : refuse(.tooManyRecipients)
    }

    /// Answers `Action.checkRecipient`.
    public mutating func recipientDecided(_ verdict: RecipientVerdict) -> Action {
        guard case .recipientPending(let recipient) = phase else { return .none }
        guard let refusal = verdict.refusal else {
            transaction?.add(recipient)
            return answer(.recipientOK)
        }
        transaction?.hasRefusedRecipients = true
        return verdict.isClientsFault ? refuseRecipient(refusal, isTemporary: verdict == .deferred) : answer(refusal)
    }
}
