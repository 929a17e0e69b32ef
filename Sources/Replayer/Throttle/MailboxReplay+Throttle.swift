import IMAPProtocol

extension MailboxReplay {
    /// Waits until the rate that a person allows the target lets the batch go. A replay that is told to stop waits no longer.
    func keepPace(_ batch: PreparedBatch) async throws {
        guard
            let start = environment.pace.take(target.name, messages: batch.entries.count, bytes: batch.bytes)
        else { return }
        while environment.pace.holds(target.name, until: start), !environment.isStopping.isSet {
            try await Task.sleep(for: min(.milliseconds(100), max(.zero, start - ContinuousClock.now)))
        }
    }
}

extension ResponseCode {
    /// The server has too much to do, or too many connections: fewer of them help (RFC 5530 §3).
    var meansTooMuch: Bool { self == .unavailable || self == .inUse || self == .limit }
}
