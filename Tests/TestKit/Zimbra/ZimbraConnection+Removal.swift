import NIOCore
import Synchronization

/// Removing messages and folders (`imap/ImapHandler.java`: doSTORE, doEXPUNGE with UIDs, doDELETE).
extension ZimbraConnection {
    func delete(_ tag: String, _ name: String, _ account: String, _ context: ChannelHandlerContext) {
        let isGone = server.state.withLock { state in
            var mailbox = state.store[account]
            // The folders that every account has stay.
            guard let index = mailbox.index(of: name), mailbox.folders[index].uidValidity > 1 else { return false }
            mailbox.folders.remove(at: index)
            mailbox.changes += 1
            state.store[account] = mailbox
            return true
        }
        isGone ? accept(tag, "DELETE completed", context) : refuse(tag, "NO DELETE failed", context)
    }

    /// Only `+FLAGS.SILENT (\Deleted)` is known.
    func markDeleted(_ request: ZimbraRequest, _ account: String, _ context: ChannelHandlerContext) {
        let isKnown = request.arguments.count > 1 && request.arguments[1].text?.uppercased() == "+FLAGS.SILENT"
        guard isKnown, change(request, account, { $0.flags.append("\\Deleted") }) else {
            return refuse(request.tag, "NO STORE failed", context)
        }
        accept(request.tag, "STORE completed", context)
    }

    func expunge(_ request: ZimbraRequest, _ account: String, _ context: ChannelHandlerContext) {
        let isDone = change(request, account) { if $0.flags.contains("\\Deleted") { $0.isExpunged = true } }
        guard isDone else { return refuse(request.tag, "NO EXPUNGE failed", context) }
        accept(request.tag, "EXPUNGE completed", context)
    }

    /// Changes the messages that the request's first argument names, in the folder that is open for writing.
    private func change(
        _ request: ZimbraRequest, _ account: String, _ body: (inout ZimbraStore.Message) -> Void
    ) -> Bool {
        server.state.withLock { state in
            var mailbox = state.store[account]
            guard let selected, !isReadOnly, let index = mailbox.index(of: selected) else { return false }
            let wanted = Self.uids(request.arguments.first?.text ?? "", in: mailbox.folders[index])
            for message in mailbox.folders[index].messages.indices
            where wanted.contains(mailbox.folders[index].messages[message].uid) {
                body(&mailbox.folders[index].messages[message])
            }
            mailbox.folders[index].messages.removeAll(where: \.isExpunged)
            state.store[account] = mailbox
            return true
        }
    }
}
