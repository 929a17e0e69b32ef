import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("The acts of a reclaim")
struct ReclaimActTests {
    private static func message(_ number: Int, subject: String?, recipients: Int = 1, tls: String? = nil)
        -> ReclaimedMessage
    {
        var envelope = TestMessage(number, text: "").envelope
        envelope.recipients = (0..<recipients).map { MailAddress(localPart: "r\($0)", domain: "example.com") }
        envelope.tls = tls
        envelope.is8BitMIME = number % 2 == 0
        envelope.normalizedNewlines = number
        if number % 3 == 0 { envelope.sender = .null }
        return ReclaimedMessage(
            ordinal: number, offset: 85 + number, recordLength: 400, envelope: envelope, length: 77,
            digest: SHA256Hasher.digest([UInt8(number)]), isLarge: number == 2, subject: subject, messageID: subject)
    }

    @Test("They come back as they were, whatever a subject holds", arguments: JournalActTests.hostile)
    func roundTrip(text: String) throws {
        let kept = KeptMessage(id: JournalActTests.ids[0], offset: 85, recordLength: 300)
        let acts: [JournalAct] = [
            .reclaimed(
                segment: 7,
                messages: [
                    Self.message(1, subject: text), Self.message(2, subject: nil, recipients: 40),
                    Self.message(3, subject: text, tls: "TLSv1.3"),
                ]),
            .reclaimed(segment: 8, messages: []),
            .compacted(segment: 7, kept: [kept, kept], freed: 1 << 40), .compacted(segment: 1, kept: [], freed: 0),
        ]
        for act in acts {
            let bytes = JournalContent.encode(act, at: Timestamp(milliseconds: 5), by: text)
            #expect(bytes.withUnsafeBytes { JournalContent.decode($0) }?.act == act)
        }
    }

    @Test("They are found among all others without these being decoded, from any place")
    func found() async throws {
        let scratch = try ScratchDirectory()
        let layout = try scratch.spool()
        var limits = SpoolLimits()
        limits.journalSize = .kib(2)
        let journal = try Journal(layout: layout, by: "a\nAct: reclaimed\nSegment: 9", limits: limits)
        defer { journal.close() }
        var middle = JournalPosition.start
        for number in 1...30 {
            try await journal.append([
                .waveClosed(name: "Act: reclaimed", why: "\nAct: reclaimed\nSegment: 5"),
                .reclaimed(segment: number % 3 + 1, messages: [Self.message(number, subject: "s")]),
                .compacted(segment: 4, kept: [], freed: 0),
            ])
            if number == 15 { middle = try journal.end() }
        }
        let all = try journal.reclaimedActs(from: .start, end: journal.end())
        #expect(all.positions.mapValues(\.count) == [1: 10, 2: 10, 3: 10])
        let late = try journal.reclaimedActs(from: middle, end: journal.end())
        #expect(late.positions.mapValues(\.count) == [1: 5, 2: 5, 3: 5])
        #expect(try journal.reclaimedActs(from: .start, end: middle).positions[1]?.count == 5)
        for (segment, positions) in all.positions {
            for position in positions {
                let entry = try journal.entries(from: position, end: journal.end(), limit: 1).entries.first
                guard case .reclaimed(segment, let messages)? = entry?.act else { return #expect(Bool(false)) }
                #expect(messages.count == 1)
            }
        }
    }
}
