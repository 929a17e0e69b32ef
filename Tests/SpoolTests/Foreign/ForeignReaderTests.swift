import Foundation
import MailModel
import TestKit
import Testing

@testable import Spool

/// What the README says of the format is enough to read it, in two languages.
@Suite("Readers written from the README", .timeLimit(.minutes(10)))
struct ForeignReaderTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let disk = POSIXFileSystem()

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    /// Every kind of record, in several segments, written by the real writer.
    private func write(seed: UInt64) async throws -> [TestMessage] {
        var random = SeededGenerator(seed: seed)
        var limits = SpoolLimits()
        limits.segmentSize = .kib(8)
        let writer = try SegmentWriter(layout: layout, limits: limits)
        var messages = [
            TestMessage(1, text: ""), TestMessage(2, text: "Subject: x\r\n\r\nFrom here\r\nLAYOVER1 no record\r\n"),
            TestMessage(3, bytes: (0..<70_000).map { _ in UInt8.random(in: 1...255, using: &random) }, isLarge: true),
            TestMessage(4, bytes: TestMessage.filler(20_000, using: &random)),
        ]
        messages[1].envelope.sender = .null
        messages[1].envelope.recipients = (0..<30).map { MailAddress(localPart: "user\($0)", domain: "example.com") }
        messages[1].envelope.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384"
        messages[3].envelope.importedAt = Timestamp(seconds: 1_790_000_000)
        messages[3].envelope.normalizedNewlines = 12
        for number in 5..<40 {
            messages.append(TestMessage(number, bytes: TestMessage.filler(number * 31, using: &random)))
        }
        for start in stride(from: 0, to: messages.count, by: 5) {
            let group = Array(messages[start..<min(start + 5, messages.count)])
            for message in group where message.isLarge { try message.writeLargeFile(layout, disk) }
            #expect(await writer.send(group).allSatisfy { $0 == nil })
            if start == 10 {
                // A mail with a whole segment in it.
                let quoted = try disk.open(layout.segment(1), .readOnly).read(1 << 20, at: 0)
                let message = TestMessage(100, bytes: quoted)
                messages.append(message)
                #expect(await writer.send([message]).allSatisfy { $0 == nil })
            }
        }
        writer.close()
        return messages
    }

    private func expect(
        _ reading: ForeignReader.Reading, isAllOf messages: [TestMessage], _ location: SourceLocation = #_sourceLocation
    ) {
        let digests = Dictionary(uniqueKeysWithValues: messages.map { ($0.id.description, $0.digest.hex) })
        let recipients = Dictionary(
            uniqueKeysWithValues: messages.map { ($0.id.description, $0.envelope.recipients.map(\.text)) })
        #expect(reading.messages == digests, "\(reading.errors)", sourceLocation: location)
        #expect(reading.recipients == recipients, sourceLocation: location)
    }

    @Test("They find every message as it was accepted", arguments: ForeignReader.Kind.allCases)
    func everything(kind: ForeignReader.Kind) async throws {
        let messages = try await write(seed: 1)
        #expect(try disk.numbers(in: layout.segments, suffix: ".seg").count > 2)
        let reading = try ForeignReader(kind: kind).read(layout.directory, in: scratch)
        #expect(reading.status == 0, "\(reading.errors)")
        expect(reading, isAllOf: messages)
    }

    @Test(
        "A torn end is left out and is no damage; what stands before a whole record is",
        arguments: ForeignReader.Kind.allCases, [true, false])
    func tornEnd(kind: ForeignReader.Kind, wholeBehind: Bool) async throws {
        let messages = try await write(seed: 2) + appendTornGroup(wholeBehind: wholeBehind)
        let reading = try ForeignReader(kind: kind).read(layout.directory, in: scratch)
        #expect(reading.status == (wholeBehind ? 1 : 0), "\(reading.errors)")
        expect(reading, isAllOf: messages)
    }

    /// Behind a message that was acknowledged, a group of which one record has lost bytes and another is whole, or is not there.
    /// Returns those that are whole.
    private func appendTornGroup(wholeBehind: Bool) async throws -> [TestMessage] {
        let writer = try SegmentWriter(layout: layout)
        let kept = [TestMessage(199, text: "kept")] + (wholeBehind ? [TestMessage(201, text: "x")] : [])
        let torn = TestMessage(200, text: String(repeating: "torn", count: 100))
        _ = await writer.send([kept[0], torn] + kept.dropFirst())
        let number = try #require(try disk.numbers(in: layout.segments, suffix: ".seg").last)
        let image = try disk.open(layout.segment(number), .readOnly).read(1 << 20, at: 0)
        writer.close()
        let file = try disk.open(layout.segment(number), .readWrite)
        try file.truncate(to: image.count)
        let place = try #require(image.withUnsafeBytes { $0.index(of: Array("torntorn".utf8), from: 0) })
        try file.write([UInt8](repeating: 0, count: 100), at: place)
        return kept
    }

    @Test(
        "Damage is told, and everything else is read",
        arguments: ForeignReader.Kind.allCases, ["envelope", "header", "first line", "large", "large gone"])
    func damage(kind: ForeignReader.Kind, place: String) async throws {
        let messages = try await write(seed: 3)
        var lost: Set<MessageID> = []
        switch place {
        case "large": try flip(layout.largeFile(messages[2].id), at: 69_999)
        case "large gone": try disk.remove(layout.largeFile(messages[2].id))
        case "first line": try flip(layout.segment(2), at: 50)
        case "header": try flip(layout.segment(1), at: FileHeader.segmentLength + 30)
        default: try flip(layout.segment(1), at: FileHeader.segmentLength + RecordHeader.length + 20)
        }
        if place.hasPrefix("large") { lost = [messages[2].id] }
        if place == "header" || place == "envelope" { lost = [messages[0].id] }
        let reading = try ForeignReader(kind: kind).read(layout.directory, in: scratch)
        #expect(reading.status == 1)
        expect(reading, isAllOf: messages.filter { !lost.contains($0.id) })
    }

    private func flip(_ path: String, at offset: Int) throws {
        let file = try disk.open(path, .readWrite)
        let byte = try file.read(1, at: offset)
        try file.write([(byte.first ?? 0) ^ 0x20], at: offset)
    }

    @Test("Whatever byte is changed and wherever the last segment is cut, they find what Layover finds")
    func agreement() async throws {
        let seed = TestSeed.announced(for: "foreign readers")
        _ = try await write(seed: seed)
        _ = try await appendTornGroup(wholeBehind: seed % 2 == 0)
        var random = SeededGenerator(seed: seed)
        let numbers = try disk.numbers(in: layout.segments, suffix: ".seg")
        for round in 0..<24 {
            let number = try #require(numbers.randomElement(using: &random))
            let path = layout.segment(number)
            let whole = try disk.open(path, .readOnly).read(1 << 20, at: 0)
            let file = try disk.open(path, .readWrite)
            let place = Int.random(in: 0..<whole.count, using: &random)
            if round % 3 == 0, number == numbers.last {
                try file.truncate(to: place)
            } else {
                try flip(path, at: place)
            }
            let expected = try layoverFinds()
            for kind in ForeignReader.Kind.allCases {
                let found = try ForeignReader(kind: kind).read(layout.directory, in: scratch).messages
                #expect(found == expected, "\(kind), round \(round), segment \(number), byte \(place)")
            }
            try file.truncate(to: 0)
            try file.write(whole, at: 0)
        }
    }

    private func layoverFinds() throws -> [String: String] {
        let reader = SpoolReader(layout: layout)
        let end = try reader.stableEnd()
        var (position, found) = (SpoolPosition.start, [String: String]())
        while true {
            let page = try reader.messages(from: position, end: end, limit: 100)
            for message in page.messages where (try? reader.bytes(of: message.location)) != nil {
                found[message.id.description] = message.digest.hex
            }
            guard page.next > position else { return found }
            position = page.next
        }
    }
}
