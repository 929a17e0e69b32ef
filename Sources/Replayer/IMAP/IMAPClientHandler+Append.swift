import IMAPProtocol
import NIOCore

extension IMAPClientHandler {
    /// Begins the upload at once. `promise` never fails; where the outcome leaves the connection unusable, the socket is closed first.
    func append(_ messages: [AppendMessage], to mailbox: MailboxName, promise: EventLoopPromise<AppendOutcome>) {
        do {
            try checkIdle()
            var appendLimits = limits.appendLimits
            if let announced = machine.capabilities.appendLimit {
                appendLimits.knownMessageSize = min(announced, appendLimits.knownMessageSize ?? announced)
            }
            let appendMachine = try AppendStateMachine(
                tag: machine.tagForAppend(), mailbox: mailbox, items: messages.map(\.item),
                capabilities: machine.capabilities,
                limits: appendLimits)
            appending = Appending(machine: appendMachine, upload: AppendUpload(messages: messages), promise: promise)
            beginAnswer()
            performAppend { $0.start() }
        } catch {
            let error = IMAPError(connection: error)
            let cause: AppendInterruption.Cause = error.code == .invalidRequest ? .invalidBatch : .connectionClosed
            promise.succeed(.notAppended(AppendInterruption(cause, words: error.description)))
        }
    }

    func intentSynced() { performAppend { $0.intentSynced() } }

    func intentFailed(_ words: String) { performAppend { $0.intentFailed(words) } }

    /// Lets the machine of the running APPEND take an event, and does what it says.
    func performAppend(_ event: (inout AppendStateMachine) -> AppendAction) {
        guard var current = appending else { return }
        let action = event(&current.machine)
        switch action {
        case .wait: appending = current
        case .write(let pieces):
            let octets = current.upload.add(pieces)
            appending = current
            if current.machine.isAwaitingContinuation {
                timer.allow(limits.allowance(limits.continuation, octets: octets))
            } else {
                // What was written before may still be on its way: the token must not shorten its time.
                timer.prolong(to: limits.allowance(limits.reply, octets: octets))
            }
            pump()
        case .finish(let outcome, .keep) where current.upload.isEmpty:
            appending = nil
            timer.stop()
            current.promise.succeed(outcome)
        case .finish(let outcome, _):
            // Also where a literal that was announced is not whole: the server would take the next command for the rest of it.
            appending = nil
            abandon()
            closeThen { current.promise.succeed(outcome) }
        }
    }

    /// Writes what waits as long as the socket takes it, and flushes once.
    func pump() {
        guard let context, let upload = appending?.upload, !isPumping else { return }
        isPumping = true
        var wrote = false
        while context.channel.isWritable, upload.next({ context.write(wrapOutboundOut($0), promise: nil) }) {
            wrote = true
        }
        isPumping = false
        // The flush itself can make the channel writable and so come back here.
        if wrote { context.flush() }
    }
}
