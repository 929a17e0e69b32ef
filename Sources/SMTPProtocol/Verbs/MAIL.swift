import MailModel

// MAIL (RFC 5321 §4.1.1.2, SIZE: RFC 1870, BODY: RFC 6152, SMTPUTF8: RFC 6531)
//
//     C: MAIL FROM:<alice@example.org> SIZE=48213 BODY=8BITMIME
//     S: 250 2.1.0 Sender ok

extension SMTPCommand {
    /// Spaces between `FROM:` and the path are taken, as Postfix takes them.
    static func mail(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> SMTPCommand {
        scanner.skipSpaces()
        guard scanner.take(word: "FROM:") else { throw .argument }
        scanner.skipSpaces()
        let start = scanner.position
        let sender = try reversePath(&scanner)
        let isInternational = scanner.isInternational(from: start)
        let parameters = try SMTPParameterParser.mailParameters(&scanner)
        guard parameters.isSMTPUTF8 || !isInternational else { throw .needsSMTPUTF8 }
        return .mail(sender, parameters)
    }

    private static func reversePath(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> ReversePath {
        do throws(SMTPPathParser.Failure) {
            switch try SMTPPathParser.path(&scanner) {
            case .null: return .null
            case .address(let address): return .address(address)
            case .localPart: throw .grammar
            }
        } catch {
            throw .sender
        }
    }
}

extension SMTPServerStateMachine {
    mutating func mail(_ sender: ReversePath, _ parameters: MailParameters) -> Action {
        mailCommands += 1
        guard mailCommands <= configuration.limits.mailCommands else {
            reached = .mailCommands
            return close(.tooManyMessages)
        }
        guard greeting != nil else { return refuse(.helloFirst) }
        guard transaction == nil else { return refuse(.nestedMail) }
        if let size = parameters.declaredSize, size > configuration.maximumMessageSize.bytes {
            reached = .messageSize
            return refuse(.messageTooLarge)
        }
        phase = .senderPending(MailTransaction(sender: sender, parameters: parameters))
        return .checkSender(sender, parameters)
    }

    /// Answers `Action.checkSender`.
    public mutating func senderDecided(_ verdict: SenderVerdict) -> Action {
        guard case .senderPending(let opened) = phase else { return .none }
        if let refusal = verdict.refusal { return answer(refusal) }
        transaction = opened
        chunks = ChunkAccount()
        return answer(.senderOK)
    }
}
