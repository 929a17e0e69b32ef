import IMAPProtocol
import MailModel

/// Gathers the traces of the messages asked for.
struct TraceCollector: ResponseCollector {
    let asked: UIDSet
    private(set) var value: [UID: MailboxTrace] = [:]

    init(asked: UIDSet) { self.asked = asked }

    mutating func untagged(_ response: UntaggedResponse) {
        guard case .fetch(let fetch) = response, let uid = fetch.uid, asked.contains(uid) else { return }
        let header = fetch.sections.first { $0.name.hasPrefix("HEADER.FIELDS") }
        // A news of flags for the same message has neither.
        guard header != nil || fetch.size != nil else { return }
        var id: MessageID?
        if case .kept(let bytes)? = header?.content { id = TraceHeader.messageID(in: bytes) }
        value[uid] = MailboxTrace(size: fetch.size.flatMap { Int(exactly: $0) }, id: id)
    }
}
