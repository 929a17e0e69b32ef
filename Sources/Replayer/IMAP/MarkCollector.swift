import IMAPProtocol
import MailModel
import NIOCore

/// Gathers the run that each of the messages asked for belongs to; nil for mail that is no copy of a rehearsal.
struct MarkCollector: ResponseCollector {
    let asked: UIDSet
    private(set) var value: [UID: MessageID?] = [:]
    private var beginnings = StreamedBeginnings()

    init(asked: UIDSet) { self.asked = asked }

    mutating func literalBegan(size: Int) { beginnings.literalBegan() }

    mutating func literalBytes(_ bytes: ByteBuffer) { beginnings.literalBytes(bytes) }

    mutating func untagged(_ response: UntaggedResponse) {
        defer { beginnings.responseEnded() }
        guard case .fetch(let fetch) = response, let uid = fetch.uid, asked.contains(uid) else { return }
        let header = fetch.sections.first { $0.name.hasPrefix("HEADER.FIELDS") }
        // A news of flags for the same message has neither.
        guard header != nil || fetch.size != nil else { return }
        value[uid] = .some(beginnings.octets(of: header?.content).flatMap { RehearsalMark.run(in: $0) })
    }
}
