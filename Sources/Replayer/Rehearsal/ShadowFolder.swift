import IMAPProtocol

/// Where in an account the copies go: a folder that is nobody's, or one that is there already and is not touched but for the copies.
struct ShadowFolder: Sendable {
    var name: MailboxName
    /// It was not there.
    var isNew: Bool

    /// Special uses (RFC 6154) into which nothing foreign belongs, and views that only show mail of other folders.
    private static let special: Set<String> = [
        "\\all", "\\flagged", "\\important", "\\sent", "\\drafts", "\\trash", "\\junk", "\\archive", "\\noselect",
        "\\nonexistent",
    ]

    /// - Parameters:
    ///   - wanted: the name as the server has it, below the prefix of the user's own folders.
    ///   - homes: folders that real mail is delivered to in this account.
    ///   - canRemoveSingly: the server removes messages by UID and no others (UIDPLUS).
    /// - Throws: `ReplayError` for a folder in which a rehearsal could do harm, or that could not be cleaned up.
    init(_ wanted: MailboxName, among folders: [ListResponse], homes: [String], canRemoveSingly: Bool) throws {
        let text = wanted.text
        // Some servers make no difference between `Trial` and `trial`.
        let same = folders.first { $0.mailbox.text.lowercased() == text.lowercased() }
        guard !(homes + ["INBOX"]).contains(where: { $0.lowercased() == text.lowercased() }) else {
            throw ReplayError(
                .refused, "\(text) is where mail is delivered to: name a folder of its own for the rehearsal")
        }
        if let same {
            guard same.attributes.isDisjoint(with: Self.special) else {
                throw ReplayError(.refused, "\(text) is there and is no plain folder: name another for the rehearsal")
            }
            guard canRemoveSingly else {
                throw ReplayError(
                    .refused,
                    "\(text) is there already, and the server cannot remove single messages (no UIDPLUS): name a folder that is not there"
                )
            }
        } else if let parent = Self.parent(of: text, among: folders) {
            throw ReplayError(.refused, "\(text) would need \(parent) made too: name a folder whose parent is there")
        }
        name = same?.mailbox ?? wanted
        isNew = same == nil
    }

    /// The part above the last separator, where it is missing: nobody would remove it afterwards.
    private static func parent(of text: String, among folders: [ListResponse]) -> String? {
        let separators = Set(folders.compactMap(\.separator).filter { !$0.isEmpty })
        for separator in separators {
            guard let range = text.ranges(of: separator).last else { continue }
            let parent = String(text[..<range.lowerBound])
            guard folders.contains(where: { $0.mailbox.text.lowercased() == parent.lowercased() }) else {
                return parent
            }
        }
        return nil
    }
}
