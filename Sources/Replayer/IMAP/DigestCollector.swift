import IMAPProtocol
import MailModel
import NIOCore

/// Hashes each body as it streams by; holds at most the first 4 KiB of one.
struct DigestCollector: ResponseCollector {
    private struct Streamed {
        let digest: SHA256Digest
        let octets: Int
        let id: MessageID?
    }

    private let asked: UIDSet
    private let makeDigest: StreamingDigestFactory
    private(set) var value: [UID: MailboxDigest] = [:]
    private var running: (any StreamingDigest)?
    private var octets = 0
    private var beginning: [UInt8] = []
    /// The literals of the response that is being read, in order.
    private var streamed: [Streamed] = []

    init(asked: UIDSet, makeDigest: @escaping StreamingDigestFactory) {
        self.asked = asked
        self.makeDigest = makeDigest
    }

    mutating func literalBegan(size: Int) { begin() }

    private mutating func begin() {
        running = makeDigest()
        octets = 0
        beginning.removeAll(keepingCapacity: true)
    }

    mutating func literalBytes(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { update($0) }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        running?.update(bytes)
        octets += bytes.count
        let room = TraceHeader.searchedOctets - beginning.count
        if room > 0 { beginning.append(contentsOf: bytes.prefix(room)) }
    }

    mutating func literalEnded() {
        guard let digest = running?.finish() else { return }
        running = nil
        streamed.append(Streamed(digest: digest, octets: octets, id: TraceHeader.messageID(in: beginning)))
    }

    mutating func untagged(_ response: UntaggedResponse) {
        defer { streamed.removeAll(keepingCapacity: true) }
        guard case .fetch(let fetch) = response, let uid = fetch.uid, asked.contains(uid),
            let content = fetch.sections.first(where: { $0.name.isEmpty })?.content
        else { return }
        switch content {
        case .streamed(let index, _):
            // Kept literals count too, so the place in the response is not the place among the streamed ones; of ours there is one.
            guard index < streamed.count || streamed.count == 1,
                let body = index < streamed.count ? streamed[index] : streamed.first
            else { return }
            keep(body, uid, fetch)
        case .kept(let bytes):
            begin()
            bytes.withUnsafeBytes { update($0) }
            literalEnded()
            if let body = streamed.last { keep(body, uid, fetch) }
        }
    }

    private mutating func keep(_ body: Streamed, _ uid: UID, _ fetch: FetchResponse) {
        let size = fetch.size.flatMap { Int(exactly: $0) }
        // Zimbra answers for a message that is gone with size 0 and an empty body; what is not there has no digest.
        guard body.octets > 0 else { return }
        value[uid] = MailboxDigest(size: size, octets: body.octets, digest: body.digest, id: body.id)
    }
}
