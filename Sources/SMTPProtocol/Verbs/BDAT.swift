import MailModel

// BDAT (CHUNKING, RFC 3030 §2)
//
//     C: BDAT 1000
//     C: (1000 octets)
//     S: 250 2.0.0 Chunk received
//     C: BDAT 324 LAST
//     C: (324 octets)
//     S: 250 2.0.0 Ok: queued as 01jd5y0c8q3v6h2k9m4n7p1r5s
//
// Octets of a refused chunk are read and thrown away before the reply, since the client may have sent them together with
// the command: they must never become commands. The refusal ends the transaction; chunks that were pipelined behind get the
// same reply. What may be thrown away is bounded like the end of a DATA that is too large.

extension SMTPCommand {
    /// Anything that is not exactly a chunk leaves open how many octets follow, so the session cannot go on.
    static func bdat(_ scanner: inout SMTPArgumentScanner) throws(SMTPSyntaxError) -> SMTPCommand {
        scanner.skipSpaces()
        let octets = try chunkOctets(scanner.word())
        scanner.skipSpaces()
        if scanner.isAtEnd { return .bdat(SMTPChunk(octets: octets)) }
        guard scanner.take(word: "LAST"), scanner.rest().isEmpty else { throw .chunk }
        return .bdat(SMTPChunk(octets: octets, isLast: true))
    }

    /// 1 to 10 digits below 2³¹: no chunk of an honest client is larger, and no sum of them can overflow.
    private static func chunkOctets(_ word: Slice<UnsafeRawBufferPointer>) throws(SMTPSyntaxError) -> Int {
        guard (1...10).contains(word.count), word.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .chunk }
        let octets = word.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard octets <= SMTPLimits.chunkOctets else { throw .chunk }
        return octets
    }

    /// The line begins with BDAT, so whatever is wrong with it, raw octets follow.
    static func announcesChunk(_ line: UnsafeRawBufferPointer) -> Bool {
        var scanner = SMTPArgumentScanner(line, isASCII: false)
        return scanner.take(word: "BDAT")
    }
}

extension SMTPServerStateMachine {
    mutating func bdat(_ chunk: SMTPChunk) -> Action {
        if chunk.octets < configuration.limits.smallChunkOctets, !chunk.isLast {
            chunks.small += 1
            if chunks.small > configuration.limits.smallChunks {
                reached = .smallChunks
                return close(.tooManyChunks)
            }
        }
        if let refusal = chunks.refusal { return discard(chunk, refusal, isError: false) }
        if let refusal = bdatRefusal { return discard(chunk, refusal, isError: true) }
        guard let transaction else { return discard(chunk, .mailFirst, isError: true) }
        let (total, overflows) = transaction.chunkOctets.addingReportingOverflow(chunk.octets)
        if overflows || total > configuration.maximumMessageSize.bytes {
            resetTransaction()
            reached = .messageSize
            return discard(chunk, .messageTooLarge, isError: true)
        }
        if transaction.isChunked { return receive(chunk) }
        phase = .dataPending(chunk)
        return .beginData(transaction, .chunks)
    }

    /// Why no chunk may come now; the transaction, if there is one, stays as it is.
    private var bdatRefusal: SMTPReply? {
        guard let greeting else { return .helloFirst }
        // Nobody who says HELO can know of CHUNKING.
        guard greeting.isExtended else { return .extendedHelloFirst }
        guard let transaction else { return .mailFirst }
        guard transaction.recipients.isEmpty else { return nil }
        return transaction.hasRefusedRecipients ? .noValidRecipients : .recipientFirst
    }

    /// The receiver has answered to the first chunk of a message.
    mutating func chunkDecided(_ chunk: SMTPChunk, _ refusal: SMTPReply?) -> Action {
        if let refusal {
            resetTransaction()
            return discard(chunk, refusal, isError: false)
        }
        transaction?.isChunked = true
        return receive(chunk)
    }

    private mutating func receive(_ chunk: SMTPChunk) -> Action {
        transaction?.chunkOctets += chunk.octets
        phase = .receivingChunk(chunk, left: chunk.octets)
        return chunk.octets == 0 ? .endChunk(isLast: chunk.isLast) : .none
    }

    /// So many octets of the chunk have come, at most `chunkOctetsLeft`, and were kept if `keepsChunk`.
    public mutating func chunkOctetsReceived(_ count: Int) -> Action {
        switch phase {
        case .receivingChunk(let chunk, let left):
            phase = .receivingChunk(chunk, left: max(0, left - count))
            return count >= left ? .endChunk(isLast: chunk.isLast) : .none
        case .discardingChunk(let left, let refusal, let isError):
            phase = .discardingChunk(left: max(0, left - count), refusal, isError: isError)
            guard count >= left else { return .none }
            return isError ? refuse(refusal) : answer(refusal)
        default: return .none
        }
    }

    /// Answers `Action.endChunk`: the chunk is whole.
    /// - Parameters:
    ///   - findings: what is known of the message so far, after the last chunk of all of it.
    ///   - failure: the message cannot be kept, for a reason of our own.
    public mutating func chunkEnded(_ findings: DataFindings, failure: SpoolFailure? = nil) -> Action {
        guard case .receivingChunk(let chunk, left: 0) = phase else { return .none }
        let refusal = failure?.reply ?? self.refusal(for: findings)
        guard let refusal else {
            guard chunk.isLast else { return answerWithinMessage(.chunkReceived) }
            resetTransaction()
            phase = .committing
            return .commit
        }
        resetTransaction()
        if refusal == .messageTooLarge { reached = .messageSize }
        if !chunk.isLast { chunks.refusal = refusal }
        return failure == nil ? refuse(refusal) : answer(refusal)
    }

    /// Reads the chunk's octets without keeping them; then comes the reply.
    private mutating func discard(_ chunk: SMTPChunk, _ refusal: SMTPReply, isError: Bool) -> Action {
        chunks.refusal = chunk.isLast ? nil : refusal
        chunks.discardedOctets &+= chunk.octets
        if chunks.discardedOctets > configuration.discardedOctets {
            reached = .messageSize
            return close(refusal)
        }
        phase = .discardingChunk(left: chunk.octets, refusal, isError: isError)
        return chunk.octets == 0 ? chunkOctetsReceived(0) : .none
    }

    /// The message goes on: only a server that waits for none goes down now.
    private mutating func answerWithinMessage(_ reply: SMTPReply) -> Action {
        if mustStopNow { return answer(reply) }
        phase = .ready
        return .reply(reply)
    }
}
