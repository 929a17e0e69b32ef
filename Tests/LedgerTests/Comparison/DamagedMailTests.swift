import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

@Suite("The Ledger held against a spool with damaged bytes")
struct DamagedMailTests {
    @Test(
        "What it read of a message while the bytes were sound stays; what is wrong elsewhere is repaired all the same")
    func kept() async throws {
        let fixture = try await ReclaimFixture()
        for _ in 0..<2 { try await fixture.receiveSegment() }
        let path = fixture.layout.segment(1)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        for (word, octet) in [("number 3", "9"), ("<3@x>", "y")] {
            let place = try #require(bytes.range(of: Data(word.utf8)))
            bytes[place.upperBound - 2] = UInt8(ascii: " ")
            bytes[place.upperBound - 1] = try #require(octet.utf8.first)
        }
        try bytes.write(to: URL(filePath: path))
        try fixture.ledger.database.write { writer in
            try writer.statement("UPDATE message SET subject = 'wrong' WHERE seq = 8").run()
        }
        let findings = try SpoolExamination(layout: fixture.layout).run()
        #expect(findings.damagedMessages == [fixture.ids[3]] && findings.damage.count == 1)

        func compare() throws -> LedgerComparison {
            try Ledger.compare(layout: fixture.layout, damaged: findings.damagedMessages)
        }
        let comparison = try compare()
        #expect(comparison.kept == 1 && comparison.isRepaired)
        #expect(comparison.differences.map(\.description).allSatisfy { $0.contains("\(fixture.ids[7])") })
        #expect(try compare().isSame && compare().kept == 1)
        var filter = AuditFilter()
        filter.messageID = "<3@x>"
        let rows = try fixture.ledger.audit(filter)
        #expect(rows.map(\.id) == [fixture.ids[3]] && rows.map(\.subject) == ["number 3"])
    }
}
