public import MailModel

// DATA (RFC 5321 §4.1.1.4)
//
//     C: DATA
//     S: 354 Send the message, end it with <CR><LF>.<CR><LF>
//     C: (the message)
//     C: .
//     S: 250 2.0.0 Ok: queued as 01jd5y0c8q3v6h2k9m4n7p1r5s

extension SMTPServerStateMachine {
    mutating func data() -> Action {
        guard greeting != nil else { return refuse(.helloFirst) }
        guard let transaction else { return refuse(.mailFirst) }
        guard !transaction.recipients.isEmpty else {
            return refuse(transaction.hasRefusedRecipients ? .noValidRecipients : .recipientFirst)
        }
        // Nor may DATA and BDAT be mixed in one message (RFC 3030 §2).
        guard !transaction.isChunked else { return refuse(.chunksBegun) }
        phase = .dataPending(nil)
        return .beginData(transaction, .dots)
    }

    /// Answers `Action.beginData`. A refusal of DATA leaves the transaction open, so that it may be tried again; one of BDAT
    /// ends it, since the client goes on with the next chunk.
    public mutating func dataDecided(_ verdict: DataVerdict) -> Action {
        guard case .dataPending(let chunk) = phase else { return .none }
        if mustStopNow { return close(.shuttingDown) }
        if let chunk { return chunkDecided(chunk, verdict.refusal) }
        if let refusal = verdict.refusal { return answer(refusal) }
        phase = .receivingData
        return .reply(.startMessage)
    }

    /// The decoder met the true end of the message. Whatever the findings say, the transaction is over.
    public mutating func dataEnded(_ findings: DataFindings) -> Action {
        guard phase == .receivingData else { return .none }
        resetTransaction()
        if let refusal = refusal(for: findings) {
            if refusal == .messageTooLarge { reached = .messageSize }
            return refuse(refusal)
        }
        phase = .committing
        return .commit
    }

    /// The decoder gave up on a message that is far beyond the limit and does not end: 552 and the end of the session.
    public mutating func dataOverflowed() -> Action {
        guard phase == .receivingData else { return .none }
        reached = .messageSize
        return close(.messageTooLarge)
    }

    func refusal(for findings: DataFindings) -> SMTPReply? {
        if findings.isOversize { return .messageTooLarge }
        if findings.containsNUL { return .nulInMessage }
        if findings.normalizedNewlines > 0, configuration.bareNewlines == .reject { return .bareNewline }
        return nil
    }

    /// Answers `Action.commit`: the message is on stable storage under this id.
    public mutating func spoolCommitted(_ id: MessageID) -> Action {
        guard phase == .committing else { return .none }
        forgetErrors()
        return answer(.accepted(id))
    }

    /// Answers `Action.commit`: the spool could not keep the message. Never the client's fault.
    public mutating func spoolFailed(_ failure: SpoolFailure) -> Action {
        guard phase == .committing else { return .none }
        return answer(failure.reply)
    }

    /// Answers `Action.commit`: the receiver does not take this message.
    public mutating func messageRefused(_ refusal: MessageRefusal) -> Action {
        guard phase == .committing else { return .none }
        return refuse(refusal.reply)
    }
}
