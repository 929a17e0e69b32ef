import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test(
        "A clock that jumps back and forth under receive and replay costs no mail and makes no second copy",
        .enabled(if: FakeClock.isAvailable, "needs libfaketime"))
    func clockJumps() async throws {
        let seed = TestSeed.announced(for: "clock jumps")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 3, aliases: 0)
            defer { migration.end() }
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            let clock = try FakeClock(migration.site)
            var samples = SampleMail(seed: seed)
            let server = try migration.site.startServer("serve", under: clock.wrapper)
            defer { server.kill() }
            let client = try SMTPClient(port: server.port)
            for (number, offset) in ["+0", "-2h", "+3d", "-400d", "+400d", "+0", "-1s"].enumerated() {
                try clock.set(offset)
                for _ in 0..<3 {
                    let mail = samples.make(.plainText, to: [samples.pick(migration.addresses)]).attempt(number)
                    migration.oracle.willSend(mail)
                    let outcome = try client.send(mail)
                    let id = try #require(outcome.acknowledgedID, "\(offset): \(outcome)")
                    migration.oracle.didAcknowledge(mail, id: id)
                }
                #expect(try SMTPClient(port: server.port).command("QUIT").code == 221, "a new session at \(offset)")
            }
            #expect(try server.terminate() == .exited(0), "\(server.process.errorText.suffix(2000))")
            let restarted = try migration.site.startServer()
            #expect(try restarted.terminate() == .exited(0))
            let replay = try migration.replayUntilDone(within: .seconds(60))
            #expect(replay.status == 0, "\(replay)")
            let found = try migration.inspect()
            #expect(found.faults.isEmpty, "\(found.faults.prefix(20).joined(separator: "\n"))")
            let proof = try migration.prove()
            #expect(proof.balanced && proof.addsUp)
            #expect((proof.accepted, proof.verified, proof.doubtful) == (21, 21, 0), "\(proof)")
            try Self.expect(migration.site.run(["fsck"]), status: 0)
        }
    }
}
