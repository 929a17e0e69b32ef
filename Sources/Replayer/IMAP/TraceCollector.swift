import IMAPProtocol
import MailModel
import NIOCore

/// Gathers the traces of the messages asked for.
struct TraceCollector: ResponseCollector {
    /// What a server has told.
    struct Traces {
        var found: [UID: MailboxTrace] = [:]
        /// Named, and not told of: Zimbra leaves items out where it fails on a message, and gives a stub of size 0 for one that has just
        /// gone (imap-targets §1.5).
        var untold: Set<UID> = []
    }

    let asked: UIDSet
    private(set) var value = Traces()
    private var beginnings = StreamedBeginnings()

    init(asked: UIDSet) { self.asked = asked }

    mutating func literalBegan(size: Int) { beginnings.literalBegan() }

    mutating func literalBytes(_ bytes: ByteBuffer) { beginnings.literalBytes(bytes) }

    mutating func untagged(_ response: UntaggedResponse) {
        defer { beginnings.responseEnded() }
        guard case .fetch(let fetch) = response, let uid = fetch.uid, asked.contains(uid) else { return }
        let header = fetch.sections.first { $0.name.hasPrefix("HEADER.FIELDS") }
        // A news of flags for the same message has neither.
        guard header != nil || fetch.size != nil else {
            if value.found[uid] == nil { value.untold.insert(uid) }
            return
        }
        let id = beginnings.octets(of: header?.content).flatMap { TraceHeader.messageID(in: $0) }
        let trace = MailboxTrace(size: fetch.size.flatMap { Int(exactly: $0) }, id: id, hasHeader: header != nil)
        // What was told before is not taken back by an answer that leaves it out.
        if trace.isTold || value.found[uid]?.isTold != true { value.found[uid] = trace }
        if value.found[uid]?.isTold == true { value.untold.remove(uid) } else { value.untold.insert(uid) }
    }
}
