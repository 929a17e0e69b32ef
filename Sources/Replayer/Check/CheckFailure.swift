/// Why a mailbox could not be looked into.
struct CheckFailure: Error {
    var error: ReplayError
    /// It would meet every mailbox of the target alike: nobody listens, or TLS or the certificate is wrong.
    var isTargets: Bool

    init(_ error: any Error, target: String) {
        let code = (error as? IMAPError)?.code
        let isTLS = [.tlsFailed, .untrustworthy, .startTLSUnavailable].contains(code)
        isTargets = isTLS || code == .connectFailed
        let general = ReplayError(ofMailbox: error, target: target) ?? ReplayError(.unavailable, "\(error)")
        self.error = isTLS ? ReplayError(.untrusted, general.message) : general
    }
}
