import IMAPProtocol

extension IMAPSession {
    /// Opens a mailbox for reading, and tells where it stands also on servers that do not say UIDNEXT then, such as Courier.
    func open(_ mailbox: MailboxName) async throws -> FolderPosition {
        let box = try await examine(mailbox)
        if let next = box.uidNext { return (box.uidValidity.number, next.number) }
        // STATUS must not be asked of the selected mailbox (RFC 3501 §6.3.10). Asked before it is opened again: what comes
        // between the two lies above the UIDNEXT that it tells.
        try await unselect()
        let status = try await status(mailbox)
        return (try await examine(mailbox).uidValidity.number, status.uidNext.number)
    }
}
