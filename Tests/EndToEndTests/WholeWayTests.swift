import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The route as an operator takes it, in the order of a migration.
    @Test("Mail goes from the socket into the mailboxes to the octet, and the proof balances")
    func wholeWay() async throws {
        let seed = TestSeed.announced(for: "whole way")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 12, aliases: 24)
            defer { migration.end() }
            let mails = try Self.sendEverything(to: migration, seed: seed)
            let deliveries = mails.reduce(0) { $0 + $1.recipients.count }
            let copies = mails.reduce(0) { $0 + migration.mailboxCount(of: $1) }

            try Self.expectAllHeld(migration, deliveries: deliveries)
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expectNothingMovesBeforeCutover(migration)
            try Self.expectOnlyFirstWaveMoves(migration)
            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            try Self.expect(migration.site.run(["replay"]), status: 0)

            let found = try migration.inspect()
            #expect(found.faults.isEmpty, "\(found.faults.prefix(20).joined(separator: "\n"))")
            #expect(found.copies == copies)
            let proof = try migration.prove()
            #expect(proof.balanced && proof.addsUp)
            #expect((proof.accepted, proof.verified, proof.merged) == (deliveries, copies, deliveries - copies))
            #expect((proof.held, proof.failed, proof.doubtful) == (0, 0, 0))

            try Self.expectAuditAgrees(migration)
            try Self.expectShowGivesTheMail(migration)
            try Self.expectNothingIsForgotten(migration, proof: proof, copies: copies)
        }
    }

    /// Starts `receive`, sends every shape of mail, and ends it in order. Returns what was acknowledged.
    private static func sendEverything(to migration: Migration, seed: UInt64) throws -> [OutgoingMail] {
        let server = try migration.site.startServer()
        var samples = SampleMail(seed: seed)
        var mails: [OutgoingMail] = []
        for shape in SampleMail.Shape.allCases {
            mails.append(samples.make(shape, to: [samples.pick(migration.addresses)]))
            mails.append(
                samples.make(
                    shape, to: Array(migration.addresses.shuffled(using: &samples.random).prefix(samples.number(2...5)))
                ))
        }
        mails.append(samples.make(.attachments, to: migration.addresses))
        mails.append(samples.large(3_000_000, to: [migration.addresses[0]]))
        for (name, content) in TortureMail.contents {
            mails.append(
                OutgoingMail(
                    name: name, sender: "torture@sender.test", recipients: [samples.pick(migration.addresses)],
                    content: content))
        }
        let client = try SMTPClient(port: server.port)
        for mail in mails {
            migration.oracle.willSend(mail)
            let outcome = try client.send(mail)
            let id = try #require(outcome.acknowledgedID, "\(mail.name): \(outcome)")
            #expect(outcome.final.lines.first?.hasPrefix("2.0.0 ") == true)
            #expect(id.wholeMatch(of: /[a-z0-9]{26}/) != nil)
            migration.oracle.didAcknowledge(mail, id: id)
        }
        #expect(try client.command("QUIT").code == 221)
        #expect(try server.terminate() == .exited(0))
        return mails
    }

    private static func expectAllHeld(_ migration: Migration, deliveries: Int) throws {
        let proof = try migration.prove()
        #expect(proof.balanced && proof.addsUp)
        #expect((proof.accepted, proof.held) == (deliveries, deliveries))
        let lines = try AuditLine.lines(of: migration.site.run(["audit", "--format", "json"]))
        #expect(lines.count == deliveries)
        #expect(lines.allSatisfy { $0.state == "held" })
    }

    private static func expectNothingMovesBeforeCutover(_ migration: Migration) throws {
        try expect(migration.site.run(["cutover", "--all", "--dry-run"]), status: 0)
        try expect(migration.site.run(["replay"]), status: 0)
        #expect(try migration.inspect().copies == 0)
        try expect(migration.site.run(["check"]), status: 0)
    }

    private static func expectOnlyFirstWaveMoves(_ migration: Migration) throws {
        try expect(migration.site.run(["cutover", "--wave", "first", "--reason", "the first weekend"]), status: 0)
        try expect(migration.site.run(["replay"]), status: 0)
        for mailbox in migration.mailboxes {
            let copies = try migration.copies(in: mailbox)
            let expected = mailbox.wave == "first" ? migration.oracle.ids(for: mailbox.addressSet).count : 0
            #expect(copies.count == expected, "\(mailbox.address) in wave \(mailbox.wave)")
        }
        #expect(try migration.prove().balanced)
    }

    /// Every delivery has its line; what it says of a copy is what the mailbox says.
    private static func expectAuditAgrees(_ migration: Migration) throws {
        let lines = try AuditLine.lines(of: migration.site.run(["audit", "--format", "json"]))
        let mails = migration.oracle.acknowledged
        for line in lines {
            let mail = try #require(mails[line.id])
            #expect(mail.recipients.contains(line.recipient))
            #expect(line.sender == mail.sender)
            #expect(["verified", "merged"].contains(line.state), "\(line.id) for \(line.recipient) is \(line.state)")
            #expect(line.helo == "sender.test" && line.client == "127.0.0.1" && line.tls == nil)
        }
        let verified = Dictionary(grouping: lines.filter { $0.state == "verified" }) { $0.mailbox ?? "" }
        for mailbox in migration.mailboxes {
            let copies = Dictionary(try migration.copies(in: mailbox).map { ($0.uid, $0) }) { first, _ in first }
            for line in verified[mailbox.address] ?? [] {
                let copy = try #require(copies[line.uid ?? 0], "\(mailbox.address) has no uid \(line.uid ?? 0)")
                #expect(DeliveredMail(copy.bytes)?.id == line.id)
                #expect(try seconds(internalDate: copy.internalDate) == seconds(rfc3339: line.receivedAt))
            }
        }
        let one = try #require(lines.first)
        let byID = try AuditLine.lines(of: migration.site.run(["audit", "--id", one.id, "--format", "json"]))
        #expect(byID.count == mails[one.id]?.recipients.count && byID.allSatisfy { $0.id == one.id })
        let byRecipient = try AuditLine.lines(
            of: migration.site.run(["audit", "--to", one.recipient, "--format", "json"]))
        #expect(byRecipient.count == lines.count { $0.recipient == one.recipient })
    }

    private static func expectShowGivesTheMail(_ migration: Migration) throws {
        for (id, mail) in migration.oracle.acknowledged.sorted(by: { $0.key < $1.key }).prefix(20) {
            let raw = try migration.site.run(["show", id, "--raw"])
            #expect(raw.status == 0)
            #expect(raw.outputBytes.starts(with: "Received: from sender.test ".utf8))
            #expect(Array(raw.outputBytes.suffix(mail.expected.count)) == mail.expected, "\(mail.name)")
        }
        let unknown = try migration.site.run(["show", String(repeating: "0", count: 26)])
        #expect(unknown.status == 65, "\(unknown)")
    }

    /// The index is rebuilt from the spool, and a further replay makes no second copy.
    private static func expectNothingIsForgotten(_ migration: Migration, proof: Proof, copies: Int) throws {
        try expect(migration.site.run(["reindex"]), status: 0)
        #expect(try migration.prove() == proof)
        try expect(migration.site.run(["replay"]), status: 0)
        #expect(try migration.inspect().copies == copies)
    }
}
