import IMAPProtocol

extension MailboxReplay {
    /// Waits until the rate that a person allows the target lets the batch go; nil where its mail may still go then.
    ///
    /// A pause, an undo, fewer connections or the end of the replay is followed while it waits.
    func keepPace(_ batch: PreparedBatch) async throws -> MailboxOutcome? {
        let start = environment.pace.take(target.name, messages: batch.entries.count, bytes: batch.bytes)
        while let start, environment.pace.holds(target.name, until: start) {
            if let outcome = try await outcomeOfChange() { return outcome }
            try await Task.sleep(for: min(.milliseconds(200), max(.zero, start - ContinuousClock.now)))
        }
        return try await outcomeOfChange()
    }
}

extension ResponseCode {
    /// The server has too much to do, or too many connections: fewer of them help (RFC 5530 §3).
    var meansTooMuch: Bool { self == .unavailable || self == .inUse || self == .limit }
}
