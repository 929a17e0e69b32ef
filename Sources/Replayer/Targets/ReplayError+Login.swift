import IMAPProtocol

extension ReplayError {
    /// What a refused login concerns: the server for a while, this one account, or, where nothing says so, perhaps the account that
    /// all mailboxes are opened with (RFC 5530 §3, RFC 2221; Zimbra's words: imap-targets §1.3).
    init(loginRefused error: IMAPError) {
        let words = error.serverWords?.lowercased() ?? ""
        switch error.responseCode {
        case let code? where code.meansTooMuch: self.init(.unavailable, "\(error)")
        case .referral(let place):
            self.init(.otherServer, "\(error); it names \(place)")
        case _ where words.contains("undergoing maintenance"): self.init(.maintenance, "\(error)")
        case _ where words.contains("does not have imap access"): self.init(.noAccess, "\(error)")
        default: self.init(.credentials, "\(error)")
        }
    }
}
