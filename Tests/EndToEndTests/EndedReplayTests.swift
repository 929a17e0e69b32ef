import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("SIGTERM ends a replay after its running batches, with its summary, nothing in doubt, and the rest held")
    func replayToldToEnd() async throws {
        // Each answer takes its time: there is something left when the signal comes. Of large messages a batch has few.
        try await ProxiedReplay.run({ _, _ in .delay(milliseconds: 60) }, seed: 2) { samples in
            (0..<12).map { _ in samples.large(6_000_000, to: [ProxiedReplay.user]) }
        } _: { rig in
            let replay = try rig.site.start(["replay"])
            defer { replay.kill() }
            try eventually("an APPEND begins", within: .seconds(60)) { rig.proxy.appendsBegun == 1 ? () : nil }
            replay.signal(SIGTERM)
            #expect(try replay.wait(within: .seconds(60)) == .exited(75), "\(replay.errorText)")
            #expect(replay.errorText.contains("ending after the running batches"), "\(replay.errorText)")
            let proof = try rig.prove()
            #expect(proof.balanced && proof.doubtful == 0 && proof.held > 0 && proof.verified > 0)
            #expect(try rig.copies() == proof.delivered)
            try EndToEnd.expect(rig.site.run(["replay"], within: .seconds(120)), status: 0)
            #expect(try rig.copies() == 12)
        }
    }

    @Test("A wave of which a copy was deleted before it was compared is closed by a person's word, with a reason")
    func closeUnverified() async throws {
        let user = ProxiedReplay.user
        // Between the commit and the read-back lies the time for a user who is quick.
        try await ProxiedReplay.run({ _, _ in .delay(milliseconds: 600) }, seed: 3) { samples in
            (0..<2).map { _ in samples.next(to: [user]) }
        } _: { rig in
            let site = rig.site
            let replay = try site.start(["replay"])
            defer { replay.kill() }
            try eventually("the batch is in the mailbox", within: .seconds(60)) {
                try rig.dovecot.doveadm(["search", "-u", user, "mailbox", "INBOX", "uid", "2"]).isEmpty ? nil : ()
            }
            try rig.dovecot.doveadm(["expunge", "-u", user, "mailbox", "INBOX", "uid", "2"])
            _ = try replay.wait(within: .seconds(60))
            let proof = try rig.prove()
            #expect((proof.delivered, proof.verified, proof.doubtful) == (2, 1, 1))
            #expect(try site.run(["status"]).output.contains("TO DO: \(user): 1 doubtful"))

            let live = try site.run(["prove", "--live", "--format", "json"], within: .seconds(60))
            // Its server has said OK, and that is all that anybody knows of it.
            EndToEnd.expect(live, status: 75)
            #expect(
                live.output.contains("\"live_missing\":1") && live.output.contains("\"missing\":[{\"id\":"), "\(live)")
            let table = try site.run(["prove", "--live"], within: .seconds(60))
            #expect(table.output.contains("MISSING: ") && table.output.contains(user), "\(table)")
            let refused = try site.run(["wave", "close", "one"])
            EndToEnd.expect(refused, status: 75)
            #expect(refused.errors.contains("1 not verified") && refused.errors.contains("--accept-unverified"))
            try EndToEnd.expect(site.run(["wave", "close", "one", "--accept-unverified"]), status: 64)
            let closed = try site.run([
                "wave", "close", "one", "--accept-unverified", "--reason", "deleted by its owner",
            ])
            EndToEnd.expect(closed, status: 0)
            #expect(closed.output.contains("1 taken for good unverified"), "\(closed)")
            let audit = try site.run(["audit", "--format", "json"])
            #expect(audit.output.contains("accepted: deleted by its owner"), "\(audit)")
            try EndToEnd.expect(site.run(["prove", "--live"], within: .seconds(60)), status: 0)
        }
    }
}
