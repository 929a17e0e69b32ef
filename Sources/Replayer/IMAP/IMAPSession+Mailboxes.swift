public import IMAPProtocol
import NIOCore
import Synchronization

extension IMAPSession {
    /// Where a mailbox stands. Not for the mailbox that `examine` opened: servers may answer with old numbers.
    ///
    /// Throws `.refused` when there is no such mailbox (NONEXISTENT, or no code at all).
    public func status(_ mailbox: MailboxName) async throws -> MailboxPosition {
        let status = try await run(.status(place(mailbox)), "STATUS", FolderStatus?.none) { status, response in
            if case .status(let new) = response { status = new }
        }
        guard let status, let validity = status.uidValidity, let next = status.uidNext, let messages = status.messages
        else {
            throw IMAPError(.protocolViolation, "The answer to STATUS lacks UIDVALIDITY, UIDNEXT or MESSAGES.")
        }
        return MailboxPosition(uidValidity: validity, uidNext: next, messages: messages)
    }

    /// Opens a mailbox for reading, which `fetchTraces` and `fetchDigests` need.
    ///
    /// UIDNEXT is nil on servers that do not say it here (RFC 3501 makes it a SHOULD).
    public func examine(_ mailbox: MailboxName) async throws -> (
        uidValidity: UIDValidity, uidNext: UID?, messages: UInt64
    ) {
        let numbers = try await run(.examine(place(mailbox)), "EXAMINE", (UIDValidity?.none, UID?.none, UInt64(0))) {
            numbers, response in
            switch response {
            case .exists(let count): numbers.2 = UInt64(count)
            case .condition(_, let text):
                if case .uidValidity(let validity)? = text.code { numbers.0 = validity }
                if case .uidNext(let next)? = text.code { numbers.1 = next }
            default: break
            }
        }
        guard let validity = numbers.0 else {
            throw IMAPError(.protocolViolation, "The answer to EXAMINE lacks UIDVALIDITY.")
        }
        return (validity, numbers.1, numbers.2)
    }

    /// The name as this server wants it: below the prefix of the user's own folders, with its separator (RFC 2342).
    func place(_ mailbox: MailboxName) async throws -> MailboxName {
        guard mailbox != .inbox, capabilities.hasNamespace else { return mailbox }
        if let known = namespace.withLock({ $0 }) { return known.place(mailbox) }
        let told = try await run(.namespace, "NAMESPACE", NamespaceResponse?.none) { told, response in
            if case .namespace(let new) = response { told = new }
        }
        guard let told else { return mailbox }
        namespace.withLock { $0 = told }
        return told.place(mailbox)
    }

    /// Leaves the mailbox that `examine` opened. Nothing is expunged: it was open for reading only.
    public func unselect() async throws {
        try await run(capabilities.hasUnselect ? .unselect : .close, "UNSELECT", ()) { _, _ in }
    }

    /// Makes a mailbox. That it was there already is success; Cyrus and Courier have no code for it and are asked.
    public func create(_ mailbox: MailboxName) async throws {
        do {
            try await run(.create(place(mailbox)), "CREATE", ()) { _, _ in }
        } catch let error as IMAPError where error.code == .refused {
            guard error.responseCode != .alreadyExists else { return }
            guard (try? await status(mailbox)) != nil else { throw error }
        }
    }

    /// The folders of the account that can be opened.
    public func mailboxes() async throws -> [ListResponse] {
        try await run(.list(reference: "", pattern: "*"), "LIST", [ListResponse]()) { found, response in
            // RFC 5258 §3: \NonExistent implies \NoSelect, and comes without it.
            guard case .list(let folder) = response,
                folder.attributes.isDisjoint(with: ["\\noselect", "\\nonexistent"])
            else { return }
            found.append(folder)
        }
    }

    /// The storage quota with the least room that a mailbox counts against; nil where there is none, or the server has no QUOTA.
    public func quota(_ mailbox: MailboxName) async throws -> MailboxQuota? {
        guard capabilities.hasQuota else { return nil }
        return try await run(.getQuotaRoot(place(mailbox)), "GETQUOTAROOT", MailboxQuota?.none) { least, response in
            guard case .quota(let quota) = response, let storage = quota.resources["STORAGE"] else { return }
            func octets(_ units: UInt64) -> UInt64 { units > UInt64.max >> 10 ? .max : units << 10 }
            let new = MailboxQuota(used: octets(storage.used), limit: octets(storage.limit))
            if new.free < least?.free ?? .max { least = new }
        }
    }

    /// Resets Zimbra's count of equal commands, and shows the server that somebody is there.
    public func noop() async throws {
        try await run(.noop, "NOOP", ()) { _, _ in }
    }
}
