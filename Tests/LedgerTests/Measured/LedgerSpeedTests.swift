import Foundation
import MailModel
import Spool
import Testing

@testable import Ledger

/// Makes messages as they are asked for: 20,000 recipients, 200,000 senders, unique Message-IDs; and one act, which makes Bert's mailbox.
struct SyntheticSpool: LedgerSource {
    let count: Int

    func stableEnd() throws -> SpoolPosition { SpoolPosition(segment: 1, offset: count) }

    func messages(from: SpoolPosition, end: SpoolPosition, limit: Int, withHeaderPrefix: Bool) throws -> SegmentPage {
        let first = from.segment == 0 ? 0 : from.offset
        let last = min(end.offset, first + limit)
        return SegmentPage(
            messages: (first..<last).map(message), next: SpoolPosition(segment: 1, offset: last), damage: [])
    }

    func journalEnd() throws -> JournalPosition { JournalPosition(file: 0, offset: 1) }

    func acts(from: JournalPosition, end: JournalPosition, limit: Int) throws -> JournalPage {
        let act = JournalEntry(
            sequence: 1, at: Timestamp(milliseconds: 1_800_000_000_000), by: "test",
            act: .mailboxSet(LedgerFixture.bert))
        return JournalPage(entries: from < end ? [act] : [], next: end, damage: [])
    }

    func reclaimedActs(from: JournalPosition, end: JournalPosition) throws -> ReclaimedActs { ReclaimedActs() }

    private func scrambled(_ number: Int) -> UInt64 {
        var value = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
        return value &* 0xbf58_476d_1ce4_e5b9 >> 16
    }

    private func message(_ number: Int) -> SpooledMessage {
        let random = scrambled(number)
        let header = """
            Received: from mail.example.net by mx1.example.com with ESMTPS id x; Sat, 21 Nov 2026 10:00:00 +0000\r
            From: Somebody <s\(random % 200_000)@example.net>\r
            To: u\(random % 20_000)@example.com\r
            Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and a subject of usual length, number \(number)\r
            Date: Sat, 21 Nov 2026 10:00:00 +0000\r
            Message-ID: <\(random).\(number)@mail.example.net>\r
            MIME-Version: 1.0\r
            \r

            """
        let at = Timestamp(milliseconds: 1_800_000_000_000 + Int64(number) * 50)
        let envelope = Envelope(
            id: MessageID(milliseconds: UInt64(at.milliseconds), random: UInt16(truncatingIfNeeded: random), random),
            receivedAt: at,
            sender: .address(MailAddress(localPart: "s\(random % 200_000)", domain: "example.net")),
            recipients: [MailAddress(localPart: "u\(random / 7 % 20_000)", domain: "example.com")],
            client: "192.0.2.\(random % 250)",
            helo: "mail\(random % 500).example.net", transmission: "ESMTPS", tls: "TLSv1.3 TLS_AES_256_GCM_SHA384")
        return SpooledMessage(
            position: SpoolPosition(segment: 1, offset: number), end: SpoolPosition(segment: 1, offset: number + 1),
            envelope: envelope,
            length: 8_192, digest: ScriptedSpool.digest(random), isLarge: false, headerPrefix: Array(header.utf8))
    }
}

@Suite("Speed, printed where LAYOVER_MEASURE names a number of messages", .serialized)
struct LedgerSpeedTests {
    static let count = ProcessInfo.processInfo.environment["LAYOVER_MEASURE"].flatMap(Int.init)

    @Test("projection and questions", .enabled(if: count != nil))
    func measure() throws {
        let count = try #require(Self.count)
        let layout = try LedgerFixture.makeLayout()
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        let spool = SyntheticSpool(count: count)
        let ledger = try Ledger.open(layout: layout, role: .writer, rules: AddressRules(), source: spool)
        let clock = ContinuousClock()
        var (mark, last) = (clock.now, Int64(0))
        let made = try clock.measure {
            _ = try spool.messages(from: .start, end: spool.stableEnd(), limit: 20_000, withHeaderPrefix: true)
        }
        print("making 20,000 synthetic messages takes \(made)")
        let total = try clock.measure {
            try ledger.catchUp { progress in
                guard progress.message - last >= 100_000 else { return }
                print("\(progress.message): \(Int(Double(progress.message - last) / seconds(clock.now - mark))) msg/s")
                (mark, last) = (clock.now, progress.message)
            }
        }
        print(
            "projected \(count) in \(total): \(Int(Double(count) / seconds(total))) msg/s, \(try FileIdentity.size(of: layout.ledger) / count) B each"
        )
        let mailbox = try clock.measure { _ = try ledger.status(now: .now()) }
        print(
            "first status (fills the recipient index) \(mailbox), then \(try clock.measure { _ = try ledger.status(now: .now()) })"
        )
        try ask(ledger, clock, spool)
        var proof: Proof?
        print("prove \(try clock.measure { proof = try ledger.prove() })")
        #expect(proof?.isBalanced == true)
        let domain = MailboxSelection(domain: "example.com")
        print("prove a domain \(try clock.measure { proof = try ledger.prove(domain) })")
        #expect(proof?.isBalanced == true && proof?.accepted == count)
    }

    private func ask(_ ledger: Ledger, _ clock: ContinuousClock, _ spool: SyntheticSpool) throws {
        let sample = try #require(
            try spool.messages(
                from: SpoolPosition(segment: 1, offset: spool.count / 2), end: spool.stableEnd(), limit: 1,
                withHeaderPrefix: true
            )
            .messages.first)
        let header = MessageHeader(sample.headerPrefix)
        let filters: [(String, (inout AuditFilter) -> Void)] = [
            ("recipient", { $0.to = sample.envelope.recipients[0].text }),
            ("sender", { $0.from = sample.envelope.sender.text }),
            ("Message-ID", { $0.messageID = header.messageID }), ("id", { $0.id = sample.id }),
            (
                "date",
                {
                    $0.since = sample.envelope.receivedAt
                    $0.until = sample.envelope.receivedAt.adding(milliseconds: 5_000)
                }
            ),
            ("newest 100", { $0.limit = 100 }), ("subject", { $0.subject = "number \(spool.count / 2)" }),
        ]
        for (name, change) in filters {
            var filter = AuditFilter()
            change(&filter)
            var rows = 0
            let time = try clock.measure { rows = try ledger.audit(filter).count }
            print("audit by \(name): \(time), \(rows) rows")
        }
    }

    private func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
