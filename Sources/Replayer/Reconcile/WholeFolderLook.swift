import IMAPProtocol

/// Looking through a folder for all of its messages: once more where the server has told of fewer than it says there are.
///
/// Zimbra leaves out messages on which it fails (imap-targets §1.5); what is not told is not gone.
struct WholeFolderLook {
    private let messages: Int
    private var seen: Set<UID> = []
    private var untold: Set<UID> = []
    private var looks = 0
    private static let looksAtMost = 2

    /// - Parameter messages: as many as the server says that there are.
    init(messages: Int) { self.messages = messages }

    /// Those of a page that were not seen before.
    mutating func new(_ traces: [UID: MailboxTrace]) -> [UID: MailboxTrace] {
        let new = looks == 0 ? traces : traces.filter { !seen.contains($0.key) }
        seen.formUnion(new.keys)
        for (uid, trace) in traces where trace.id == nil {
            if trace.isTold { untold.remove(uid) } else { untold.insert(uid) }
        }
        return new
    }

    /// There may be messages, or at least their ids, of which the server has not told.
    var isIncomplete: Bool { seen.count < messages || !untold.isEmpty }

    /// At the end of a look.
    mutating func wantsAnother() -> Bool {
        looks += 1
        return looks < Self.looksAtMost && seen.count < messages
    }
}
