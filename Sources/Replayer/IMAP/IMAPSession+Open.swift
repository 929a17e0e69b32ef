import IMAPProtocol

extension IMAPSession {
    /// Opens a mailbox for reading, and tells where it stands also on servers that do not say UIDNEXT then, such as Courier.
    func open(_ mailbox: MailboxName) async throws -> FolderPosition { try await openCounting(mailbox).position }

    /// As `open`, with the number of messages that are there.
    func openCounting(_ mailbox: MailboxName) async throws -> (position: FolderPosition, messages: Int) {
        let box = try await examine(mailbox)
        if let next = box.uidNext { return ((box.uidValidity.number, next.number), Int(clamping: box.messages)) }
        // STATUS must not be asked of the selected mailbox (RFC 3501 §6.3.10). Asked before it is opened again: what comes
        // between the two lies above the UIDNEXT that it tells.
        try await unselect()
        let status = try await status(mailbox)
        let again = try await examine(mailbox)
        return ((again.uidValidity.number, status.uidNext.number), Int(clamping: again.messages))
    }
}
