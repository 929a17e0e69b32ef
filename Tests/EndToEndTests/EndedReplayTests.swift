import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("SIGTERM ends a replay after its running batches, with its summary, nothing in doubt, and the rest held")
    func replayToldToEnd() async throws {
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        try dovecot.start()
        // Each answer takes its time: there is something left when the signal comes.
        let proxy = try await IMAPFaultProxy(to: dovecot.port) { _, _ in .delay(milliseconds: 60) }
        try await onThreadOfItsOwn { try Self.endReplay(dovecot, proxy) }
        await proxy.close()
    }

    fileprivate static func endReplay(_ dovecot: ThrowawayDovecot, _ proxy: IMAPFaultProxy) throws {
        let site = try LayoverSite { configuration($0, port: proxy.port) }
        defer { site.remove() }
        _ = try site.write(ThrowawayDovecot.masterPassword + "\n", to: "master-password")
        let user = "u0@example.test"
        let roster = try site.write("mailbox,login,target,wave,aliases\n\(user),\(user),ox,one,\n", to: "roster.csv")
        let server = try site.startServer()
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: 2)
        var ids: [String] = []
        // Large ones: a batch has few of them.
        for _ in 0..<12 {
            ids.append(try #require(try client.send(samples.large(6_000_000, to: [user])).acknowledgedID))
        }
        try server.terminate()
        try expect(site.run(["roster", "import", roster]), status: 0)
        try expect(site.run(["cutover", "--all"]), status: 0)

        let replay = try site.start(["replay"])
        defer { replay.kill() }
        try eventually("an APPEND begins", within: .seconds(60)) { proxy.appendsBegun == 1 ? () : nil }
        replay.signal(SIGTERM)
        #expect(try replay.wait(within: .seconds(60)) == .exited(75), "\(replay.errorText)")
        #expect(replay.errorText.contains("ending after the running batches"), "\(replay.errorText)")
        let proof = try Proof(site.run(["prove", "--format", "json"]))
        #expect(proof.balanced && proof.doubtful == 0 && proof.held > 0 && proof.verified > 0)
        #expect(try copies(dovecot, user) == proof.delivered)
        try expect(site.run(["replay"], within: .seconds(120)), status: 0)
        #expect(try copies(dovecot, user) == 12)
    }

    @Test("A wave of which a copy was deleted before it was compared is closed by a person's word, with a reason")
    func closeUnverified() async throws {
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        try dovecot.start()
        // Between the commit and the read-back lies the time for a user who is quick.
        let proxy = try await IMAPFaultProxy(to: dovecot.port) { _, _ in .delay(milliseconds: 900) }
        try await onThreadOfItsOwn { try Self.closeUnverified(dovecot, proxy) }
        await proxy.close()
    }

    private static func closeUnverified(_ dovecot: ThrowawayDovecot, _ proxy: IMAPFaultProxy) throws {
        let site = try LayoverSite { configuration($0, port: proxy.port) }
        defer { site.remove() }
        _ = try site.write(ThrowawayDovecot.masterPassword + "\n", to: "master-password")
        let user = "u0@example.test"
        let roster = try site.write("mailbox,login,target,wave,aliases\n\(user),\(user),ox,one,\n", to: "roster.csv")
        let server = try site.startServer()
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: 3)
        for _ in 0..<2 { #expect(try client.send(samples.next(to: [user])).acknowledgedID != nil) }
        try server.terminate()
        try expect(site.run(["roster", "import", roster]), status: 0)
        try expect(site.run(["cutover", "--all"]), status: 0)
        let replay = try site.start(["replay"])
        defer { replay.kill() }
        try eventually("the batch is in the mailbox", within: .seconds(60)) {
            try dovecot.doveadm(["search", "-u", user, "mailbox", "INBOX", "uid", "2"]).isEmpty ? nil : ()
        }
        try dovecot.doveadm(["expunge", "-u", user, "mailbox", "INBOX", "uid", "2"])
        _ = try replay.wait(within: .seconds(60))
        let proof = try Proof(site.run(["prove", "--format", "json"]))
        #expect((proof.delivered, proof.verified, proof.doubtful) == (2, 1, 1))
        #expect(try site.run(["status"]).output.contains("TO DO: \(user): 1 doubtful"))

        let live = try site.run(["prove", "--live", "--format", "json"], within: .seconds(60))
        expect(live, status: 0)
        #expect(live.output.contains("\"live_missing\":1") && live.output.contains("\"missing\":[{\"id\":"), "\(live)")
        let table = try site.run(["prove", "--live"], within: .seconds(60))
        #expect(table.output.contains("MISSING: ") && table.output.contains(user), "\(table)")
        let refused = try site.run(["wave", "close", "one"])
        expect(refused, status: 75)
        #expect(refused.errors.contains("1 not verified") && refused.errors.contains("--accept-unverified"))
        try expect(site.run(["wave", "close", "one", "--accept-unverified"]), status: 64)
        let closed = try site.run(["wave", "close", "one", "--accept-unverified", "--reason", "deleted by its owner"])
        expect(closed, status: 0)
        #expect(closed.output.contains("1 taken for good unverified"), "\(closed)")
        let audit = try site.run(["audit", "--format", "json"])
        #expect(audit.output.contains("accepted: deleted by its owner"), "\(audit)")
    }
}
