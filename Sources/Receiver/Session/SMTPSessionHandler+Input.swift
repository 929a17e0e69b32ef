import MailModel
import NIOCore
import SMTPProtocol

/// How a session reads: what is taken from the input, when the socket is read, and when the client is too slow.
extension SMTPSessionHandler {
    /// Takes from the input whatever the machine may take now.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while input.readableBytes > 0, delay == nil {
            if machine.isReceivingData {
                guard receiveData() else { break }
            } else if let left = machine.chunkOctetsLeft {
                receiveChunk(left)
            } else if machine.mayReceiveCommand {
                guard let command = lineDecoder.next(from: &input) else { break }
                // In a message only its octets bring the session on, or one octet a chunk would hold it open for ever.
                if !machine.hasMessageInWork { noteProgress() }
                note(command)
                guard countCommand() else { break }
                machine.stressedErrors = environment.stress.isOn ? environment.limits.stressErrors : nil
                perform(machine.commandReceived(command, moreInputIsBuffered: input.readableBytes > 0))
                forgetEndedMessage()
            } else {
                break
            }
        }
        keepInput()
        endIfInputEnded()
    }

    /// What waits stays; the buffer that it came in is for the next read of whoever it is.
    private func keepInput() {
        let read = input
        input = ByteBuffer()
        if machine.isClosed || read.readableBytes == 0 {
            share?.readBuffer.giveBack(read)
        } else {
            input = share?.readBuffer.keeping(read) ?? read
        }
    }

    /// Goes on after an answer that came from elsewhere.
    func resume() {
        noteProgress()
        process()
        flushOutput()
        releaseRead()
    }

    /// Gives input to the decoder of the message. False when the input is used up or must wait.
    private func receiveData() -> Bool {
        guard let message = incoming else { return false }
        // A reference to the same bytes: what the body sets off may come back here and look at `input`.
        let octets = input
        let progress = octets.withUnsafeReadableBytes { message.receive($0) }
        switch progress {
        case .needsMoreInput:
            input.moveReaderIndex(to: input.writerIndex)
            return false
        case .overflowed:
            input.moveReaderIndex(to: input.writerIndex)
            refuseMessage(machine.dataOverflowed())
            return false
        case .ended(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            message.finish()
            end(message, machine.dataEnded(message.findings))
            return true
        }
    }

    /// Gives input to the decoder of the message, or throws it away: at most so many octets.
    private func receiveChunk(_ left: Int) {
        let count = min(left, input.readableBytes)
        if machine.keepsChunk, let message = incoming {
            let octets = input
            _ = octets.withUnsafeReadableBytes { message.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        input.moveReaderIndex(forwardBy: count)
        perform(machine.chunkOctetsReceived(count))
    }

    /// The client has said all it will say. What is due to it still goes out: a message in the writer's hands gets its 250.
    private func endIfInputEnded() {
        guard inputEnded, !machine.isClosed, !machine.isAwaitingAnswer, delay == nil else { return }
        noteLostMessage()
        machine.connectionClosed()
        closeAfterFlush()
    }

    // MARK: Reading the socket

    private var mustHoldReads: Bool {
        // A client that does not read its replies is not asked for more of what they answer.
        if let context, !context.channel.isWritable { return true }
        if machine.isAwaitingAnswer || delay != nil {
            return input.readableBytes >= environment.limits.waitingInput.bytes
        }
        return isWaitingForDisk
    }

    private var isWaitingForDisk: Bool { incoming?.body.mustWait ?? false }

    func read(context: ChannelHandlerContext) {
        if mustHoldReads {
            heldRead = true
        } else {
            context.read()
        }
    }

    func releaseRead() {
        guard heldRead, !mustHoldReads else { return }
        heldRead = false
        context?.read()
    }

    /// The disk has caught up with the body.
    func diskRelieved() {
        // The time in which the socket was not read is ours.
        noteProgress()
        releaseRead()
    }

    // MARK: Time

    func noteProgress() {
        // The loop's clock, so that a test can turn it.
        lastProgress = eventLoop?.now ?? lastProgress
        dataSinceProgress = 0
    }

    /// Octets have come. In a message they are progress once they are enough; a command is, once it is whole.
    func countProgress(_ octets: Int) {
        guard machine.hasMessageInWork || machine.chunkOctetsLeft != nil else { return }
        dataSinceProgress += octets
        if dataSinceProgress >= environment.slowestData.bytes { noteProgress() }
    }

    /// The time that a session may be silent has become another.
    func stressChanged() { share?.idleWatch.timeoutChanged() }

    /// Ends the session where the client has not brought it on for too long. Returns after how long to look again.
    func checkIdle() -> TimeAmount {
        // A slow disk is not the client's fault.
        if machine.isAwaitingAnswer || isWaitingForDisk || delay != nil { noteProgress() }
        let timeout = environment.idleTimeout
        guard let eventLoop else { return timeout }
        let silent = eventLoop.now - lastProgress
        guard silent >= timeout else { return timeout - silent }
        let isMessage = machine.hasMessageInWork || machine.chunkOctetsLeft != nil
        reached = timeout < environment.limits.idleTimeout ? .stressTimeout : isMessage ? .slowestData : .timeout
        // The last command has had its answer; what it was about is not refused now.
        named = NamedPaths(sender: machine.sender)
        perform(machine.timedOut())
        reached = nil
        flushOutput()
        return timeout
    }
}
