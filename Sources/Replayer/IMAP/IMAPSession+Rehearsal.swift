import IMAPProtocol
import MailModel
import NIOCore

/// What only a rehearsal does: telling its copies from everything else, and removing exactly these.
extension IMAPSession {
    /// All folders of the account, also those that cannot be opened.
    func folders() async throws -> [ListResponse] {
        try await run(.list(reference: "", pattern: "*"), "LIST", [ListResponse]()) { found, response in
            if case .list(let folder) = response { found.append(folder) }
        }
    }

    /// Opens a folder for changing it. Leave it by `examine` of another, never by CLOSE, which would remove what somebody else has marked.
    func select(_ folder: MailboxName) async throws {
        try await run(.select(folder), "SELECT", ()) { _, _ in }
    }

    /// The run that each message of a range belongs to; nil for mail that is no copy of a rehearsal.
    func fetchMarks(_ range: ClosedRange<UID>) async throws -> [UID: MessageID?] {
        let set = UIDSet(range)
        return try await run(.uidFetch(set, .rehearsalMark), "UID FETCH") { MarkCollector(asked: set) }
    }

    /// Removes these messages of the selected folder for good, and no others. Needs UIDPLUS.
    func remove(_ uids: [UID]) async throws {
        for set in UIDSet(uids).split(count: limits.uidsPerFetch, length: limits.uidSetLength) {
            try await run(.uidMarkDeleted(set), "UID STORE", ()) { _, _ in }
            try await run(.uidExpunge(set), "UID EXPUNGE", ()) { _, _ in }
        }
    }

    /// Removes a folder with what is in it.
    func delete(_ folder: MailboxName) async throws {
        try await run(.delete(folder), "DELETE", ()) { _, _ in }
    }
}
