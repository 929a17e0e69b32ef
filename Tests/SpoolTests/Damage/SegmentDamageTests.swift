import MailModel
import TestKit
import Testing

@testable import Spool

@Suite("Segments whose bytes have changed")
struct SegmentDamageTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    /// Five messages: one empty, one large, one that quotes a record of another segment.
    private func messages() async throws -> [TestMessage] {
        let other = try await SpoolDamageTrial(
            layout, messages: [TestMessage(70, text: "quoted\r\n")], stop: .sealed)
        return [
            TestMessage(1, text: "Subject: 1\r\n\r\none\r\n"), TestMessage(2, text: ""),
            TestMessage(3, bytes: Array("quote:\r\n".utf8) + other.content),
            TestMessage(4, bytes: [UInt8](repeating: 0x78, count: 2_000), isLarge: true),
            TestMessage(5, text: "Subject: 5\r\n\r\nfive\r\n"),
        ]
    }

    private func expectNone(_ name: String, _ violations: [String]) {
        #expect(violations.isEmpty, "\(name)")
    }

    @Test("Every bit of a segment with one message", arguments: SpoolDamageTrial.Stop.allCases)
    func everyBit(stop: SpoolDamageTrial.Stop) async throws {
        let message = TestMessage(1, text: "A: b\r\n\r\nc\r\n")
        let trial = try await SpoolDamageTrial(layout, messages: [message], stop: stop)
        for offset in trial.content.indices {
            for bit in 0..<8 {
                let found = try await trial.violations(touching: offset..<offset + 1, restarts: bit == offset % 8) {
                    $0[offset] ^= 1 << bit
                }
                expectNone("bit \(bit) of byte \(offset)", found)
            }
        }
    }

    @Test("Every byte of a segment with several messages", arguments: SpoolDamageTrial.Stop.allCases)
    func everyByte(stop: SpoolDamageTrial.Stop) async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: stop)
        for offset in trial.content.indices {
            let found = try await trial.violations(touching: offset..<offset + 1, restarts: offset % 6 == stop.share) {
                $0[offset] ^= 1 << (offset % 8)
            }
            expectNone("byte \(offset)", found)
        }
    }

    @Test("A writer that ends its segments without a seal is found")
    func sealSkipped() async throws {
        let trial = try await SpoolDamageTrial(
            layout, messages: messages(), stop: .sealed, weakness: WeakenedFileSystem.Weakness(.skipsSeal, ".seg"))
        var found: Set<String> = []
        for offset in trial.content.indices {
            // What was published would tell the last record from a torn end; the seal does so without it.
            let violations = try await trial.violations(touching: offset..<offset + 1, forgets: true) {
                $0[offset] ^= 1 << (offset % 8)
            }
            found.formUnion(violations)
        }
        #expect(found.contains("what was closed in order was cut off"))
    }

    @Test("Cut off at every byte", arguments: SpoolDamageTrial.Stop.allCases)
    func truncated(stop: SpoolDamageTrial.Stop) async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: stop)
        for size in trial.content.indices.reversed() {
            // Where whole records are missing from the end of the last segment, or only the LF of the last one, nothing tells.
            let isWhole =
                [0, FileHeader.segmentLength].contains(size) || !trial.endings.isDisjoint(with: [size, size - 1])
            let isSilent = stop != .followed && isWhole
            let found = try await trial.violations(
                touching: size..<trial.content.count, restarts: size % 6 == stop.share || isWhole
            ) { $0.removeLast($0.count - size) }
            expectNone("cut at \(size)", isSilent ? found.filter { $0 != "fsck finds nothing" } : found)
        }
    }

    @Test("Garbage put in between, at every seventh byte", arguments: SpoolDamageTrial.Stop.allCases)
    func inserted(stop: SpoolDamageTrial.Stop) async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: stop)
        let garbage = Array("LAYOVER1 0123456789abcdef M garbage\n".utf8)
        for offset in stride(from: 0, to: trial.content.count, by: 7) {
            let found = try await trial.violations(touching: max(0, offset - 1)..<offset + 1, shifts: true) {
                $0.insert(contentsOf: garbage, at: offset)
            }
            expectNone("garbage at \(offset)", found)
        }
    }

    @Test("Two neighbouring bytes swapped, and any sector zeroed or filled", arguments: SpoolDamageTrial.Stop.allCases)
    func swappedAndZeroed(stop: SpoolDamageTrial.Stop) async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: stop)
        for offset in trial.content.indices.dropLast()
        where offset % 3 == stop.share && trial.content[offset] != trial.content[offset + 1] {
            let found = try await trial.violations(touching: offset..<offset + 2, restarts: offset % 4 == 0) {
                $0.swapAt(offset, offset + 1)
            }
            expectNone("bytes \(offset) and \(offset + 1) swapped", found)
        }
        for start in stride(from: 0, to: trial.content.count, by: 512) {
            let sector = start..<min(start + 512, trial.content.count)
            for filler: UInt8 in [0, 0xFF] {
                let found = try await trial.violations(touching: sector) { bytes in
                    for offset in sector { bytes[offset] = filler }
                }
                expectNone("sector at \(start) filled with \(filler)", found)
            }
        }
    }

    @Test("A copy of a segment under another number is named, and nothing is served twice", arguments: [2, 9])
    func duplicated(number: Int) async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: .sealed)
        let disk = trial.base.afterKill()
        try disk.open(layout.segment(number), .createNew).write(trial.content, at: 0)
        var found: [String] = []
        #expect(try trial.served(disk, &found) == trial.sent.map(\.id))
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(findings.damage.map(\.file) == [layout.segment(number)])
        #expect(findings.messages == trial.sent.count)
        let writer = try SegmentWriter(layout: layout, fileSystem: disk)
        #expect(writer.recovery.damage.map(\.file) == [layout.segment(number)])
        #expect(await writer.send([SpoolDamageTrial.later])[0] == nil)
        writer.close()
        #expect(disk.content(of: layout.segment(number)) == trial.content)
        let whole = try SpoolReader(layout: layout, fileSystem: disk).everything()
        #expect(whole.messages.map(\.id) == (trial.sent + [SpoolDamageTrial.later]).map(\.id))
        #expect(found.isEmpty)
    }

    @Test("Two segments under each other's names are named, serve nothing wrong, and everything once they are put back")
    func exchanged() async throws {
        let trial = try await SpoolDamageTrial(layout, messages: messages(), stop: .followed)
        let disk = trial.base.afterKill()
        func exchange() throws {
            try disk.rename(layout.segment(1), to: layout.segments + "/kept")
            try disk.rename(layout.segment(2), to: layout.segment(1))
            try disk.rename(layout.segments + "/kept", to: layout.segment(2))
        }
        try exchange()
        var found: [String] = []
        #expect(try trial.served(disk, &found).isEmpty)
        let findings = try SpoolExamination(layout: layout, fileSystem: disk).run()
        #expect(findings.damage.map(\.file) == [layout.segment(1), layout.segment(2)])
        try exchange()
        #expect(try trial.served(disk, &found) == trial.all.map(\.id))
        #expect(found.isEmpty)
    }
}
