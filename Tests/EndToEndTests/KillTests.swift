import Foundation
import Synchronization
import TestKit
import Testing

extension EndToEnd {
    @Test("Whatever is killed in the middle of load, every acknowledged mail is there exactly once")
    func killedInTheMiddle() async throws {
        let seed = TestSeed.announced(for: "killed in the middle")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 6, aliases: 2)
            defer { migration.end() }
            let processes = try MortalProcesses(migration, seed: seed)
            defer { processes.end() }
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            let load = MailLoad(senders: 3, seed: seed, addresses: migration.addresses, oracle: migration.oracle) {
                processes.port
            }
            for _ in 0..<24 { try processes.killOne() }
            let refusals = try load.stop()
            #expect(refusals.isEmpty, "\(refusals.prefix(5))")
            try processes.endInOrder()

            let replay = try migration.replayUntilDone(within: .seconds(60))
            #expect(replay.status == 0, "\(replay)")
            let found = try migration.inspect()
            #expect(
                found.faults.isEmpty,
                "\(found.faults.count) faults: \(found.faults.prefix(20).joined(separator: "\n"))\n\(processes.events)")
            #expect(
                migration.oracle.acknowledgedCount > 50, "only \(migration.oracle.acknowledgedCount) mails went through"
            )
            let proof = try migration.prove()
            #expect(proof.balanced && proof.addsUp)
            #expect((proof.verified, proof.held, proof.failed) == (found.copies, 0, 0))
            print(
                "killed in the middle: \(migration.oracle.acknowledgedCount) mails acknowledged, \(found.copies) copies, \(proof.doubtful) doubtful"
            )
        }
    }

    @Test("SIGTERM under load ends in order and loses nothing")
    func terminatedUnderLoad() async throws {
        let seed = TestSeed.announced(for: "terminated under load")
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 4, aliases: 1)
            defer { migration.end() }
            try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            let port = Mutex<UInt16?>(nil)
            let load = MailLoad(senders: 3, seed: seed, addresses: migration.addresses, oracle: migration.oracle) {
                port.withLock { $0 }
            }
            for _ in 0..<3 {
                let server = try migration.site.startServer("serve")
                defer { server.kill() }
                port.withLock { $0 = server.port }
                let before = migration.oracle.acknowledgedCount
                try eventually("mail goes in", within: .seconds(30)) {
                    migration.oracle.acknowledgedCount > before + 30 ? () : nil
                }
                #expect(try server.terminate() == .exited(0), "\(server.process.errorText.suffix(2000))")
            }
            let refusals = try load.stop()
            #expect(refusals.isEmpty, "\(refusals.prefix(5))")
            let replay = try migration.replayUntilDone(within: .seconds(30))
            #expect(replay.status == 0, "\(replay)")
            let found = try migration.inspect()
            #expect(
                found.faults.isEmpty, "\(found.faults.count) faults: \(found.faults.prefix(20).joined(separator: "\n"))"
            )
            #expect(try migration.prove().verified == found.copies)
        }
    }
}
