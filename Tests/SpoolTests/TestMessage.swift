import MailModel
import TestKit

@testable import Spool

/// A message as a sender offers it: envelope, bytes, and whether it goes through `large/`.
struct TestMessage: Sendable {
    var envelope: Envelope
    var bytes: [UInt8]
    var isLarge = false

    var id: MessageID { envelope.id }

    init(_ number: Int, bytes: [UInt8], isLarge: Bool = false) {
        envelope = Envelope(
            id: MessageID(milliseconds: 1_790_000_000_000 + UInt64(number), random: 7, UInt64(number)),
            receivedAt: Timestamp(milliseconds: 1_790_000_000_000 + Int64(number)),
            sender: .address(MailAddress(localPart: "sender\(number)", domain: "example.org")),
            recipients: [MailAddress(localPart: "amélie", domain: "example.com")], client: "192.0.2.\(number % 250)",
            helo: "mx.example.org", transmission: "ESMTP")
        self.bytes = bytes
        self.isLarge = isLarge
    }

    init(_ number: Int, text: String) { self.init(number, bytes: Array(text.utf8)) }

    var digest: SHA256Digest { SHA256Hasher.digest(bytes) }

    func commit(_ completion: @escaping @Sendable (SpoolError?) -> Void) -> MessageCommit {
        let body = MessageBody()
        body.append(bytes)
        return MessageCommit(
            envelope: envelope, content: isLarge ? .large(length: bytes.count) : .memory(body), digest: digest,
            completion: completion)
    }

    /// L1–L3 for a large message.
    func writeLargeFile(_ layout: SpoolLayout, _ fileSystem: any SpoolFileSystem) throws {
        let file = try LargeFile(id: id, layout: layout, fileSystem: fileSystem)
        do {
            for start in stride(from: 0, to: bytes.count, by: 5_000) {
                let part = MessageBody()
                part.append(Array(bytes[start..<min(start + 5_000, bytes.count)]))
                try file.write(part, at: start)
            }
            try file.commit()
        } catch {
            file.abandon()
            throw error
        }
    }

    static func filler(_ count: Int, using random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { index in index % 72 == 71 ? lineFeed : UInt8.random(in: 0x20...0x7E, using: &random) }
    }
}

extension SegmentWriter {
    /// Submits one message, and the others as one group behind it, and waits for all of their answers.
    ///
    /// The others are handed over while the first one's completion runs, so the writer finds them together: the same groups
    /// in every run.
    func send(_ messages: [TestMessage]) async -> [SpoolError?] {
        guard let first = messages.first else { return [] }
        let answers = Answers(count: messages.count)
        submit(
            first.commit { [self] error in
                answers.set(0, error)
                for (index, message) in messages.enumerated().dropFirst() {
                    submit(message.commit { answers.set(index, $0) })
                }
            })
        return await answers.all()
    }
}

/// All that a reader finds.
struct SpoolContent {
    var messages: [SpooledMessage] = []
    /// Those of each message; none for an unreadable one.
    var bytes: [[UInt8]] = []
    /// Messages whose records are whole but for their bytes.
    var unreadable: Set<MessageID> = []
    var damage: [SpoolDamage] = []
    /// How far was read.
    var end = SpoolPosition.start
}

extension SpoolReader {
    /// Every message with its bytes, up to the stable end, in pages; and all damage that was stepped over.
    func everything(page: Int = 2) throws -> SpoolContent { try everything(to: stableEnd(), page: page) }

    func everything(to end: SpoolPosition, page limit: Int = 2) throws -> SpoolContent {
        var content = SpoolContent()
        content.end = end
        var position = SpoolPosition.start
        while true {
            let page = try self.messages(from: position, end: end, limit: limit, withHeaderPrefix: true)
            content.messages += page.messages
            content.damage += page.damage
            guard page.next > position else { break }
            position = page.next
        }
        content.bytes = try content.messages.map { try bytes(of: $0.location) }
        return content
    }

    /// As `everything`, for a spool that may hold records whose bytes are not what was written.
    func everythingReadable(to end: SpoolPosition) throws -> SpoolContent {
        var content = SpoolContent()
        content.end = end
        let page = try messages(from: .start, end: end, limit: .max)
        content.messages = page.messages
        content.damage = page.damage
        content.bytes = try page.messages.map { message in
            do {
                return try bytes(of: message.location)
            } catch let error as SpoolError where error.code == .damaged {
                content.unreadable.insert(message.id)
                return []
            }
        }
        return content
    }
}
