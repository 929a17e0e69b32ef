import IMAPProtocol

extension IMAPSession {
    /// Opens a folder read only and tells where it stands, also on a server that does not say UIDNEXT there.
    func open(_ folder: MailboxName) async throws -> FolderPosition {
        let box = try await examine(folder)
        if let next = box.uidNext { return (box.uidValidity.number, next.number) }
        // STATUS must not be asked of a selected folder.
        if capabilities.hasUnselect { try await unselect() }
        let status = try await status(folder)
        _ = try await examine(folder)
        return (status.uidValidity.number, status.uidNext.number)
    }
}
