import Foundation
import Synchronization
import TestKit
import Testing

extension EndToEnd {
    @Test(
        "Whatever of ours is killed in the middle of load, every acknowledged mail is there exactly once",
        arguments: [false, true])
    func killedInTheMiddle(serving: Bool) async throws {
        let seed = TestSeed.announced(for: "killed in the middle")
        try await onThreadOfItsOwn {
            let victims: [MortalProcesses.Victim] = serving ? [.both] : [.receiver, .follower, .both]
            try Self.kill(victims, serving: serving, times: TestRounds.count(serving ? 8 : 12), seed: seed) {
                proof, twice in
                #expect(twice.isEmpty, "\(twice.prefix(10))")
                #expect(proof.doubtful == 0)
            }
        }
    }

    /// Dovecot that dies in the middle of a commit may finish it when it comes back, after Layover has looked: nobody can prevent that,
    /// but a second copy must be counted.
    @Test("With the target killed too, nothing is missing, and what is there twice is counted as doubtful")
    func targetKilled() async throws {
        let seed = TestSeed.announced(for: "target killed")
        try await onThreadOfItsOwn {
            try Self.kill(
                [.target, .target, .both, .follower, .everything], serving: false, times: TestRounds.count(12),
                seed: seed
            ) {
                proof, twice in
                #expect(twice.count <= proof.doubtful, "\(proof.doubtful) doubtful: \(twice.prefix(10))")
            }
        }
    }

    @Test(
        "With Cyrus or Courier as the target: whoever is killed, nothing is missing, and what is there twice is counted",
        .enabled(if: ServerPackages.obstacle == nil, "\(ServerPackages.obstacle ?? "")"),
        arguments: ["cyrus", "courier"])
    func otherTargetKilled(name: String) async throws {
        let seed = TestSeed.announced(for: "\(name) killed")
        try await onThreadOfItsOwn {
            try Self.kill(
                [.target, .both, .follower, .everything], serving: false, times: TestRounds.count(8), seed: seed,
                on: { name == "cyrus" ? try ThrowawayCyrus() as any TargetServer : try ThrowawayCourier(users: $0) }
            ) {
                proof, twice in
                #expect(twice.count <= proof.doubtful, "\(proof.doubtful) doubtful: \(twice.prefix(10))")
            }
        }
    }

    /// Kills under load, then lets everything be delivered and looks at it.
    private static func kill(
        _ victims: [MortalProcesses.Victim], serving: Bool, times: Int, seed: UInt64,
        on make: ([String]) throws -> any TargetServer = { _ in try ThrowawayDovecot(tls: true) },
        judge: (Proof, _ twice: [String]) -> Void
    ) throws {
        let migration = try Migration(mailboxes: 6, aliases: 2, on: make)
        defer { migration.end() }
        try Self.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
        try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
        let processes = try MortalProcesses(migration, serving: serving, victims: victims, seed: seed)
        defer { processes.end() }
        let load = MailLoad(
            senders: 3, seed: seed, addresses: migration.addresses, oracle: migration.oracle, largeOneIn: 60
        ) { processes.port }
        for _ in 0..<times { try processes.killOne() }
        let refusals = try load.stop()
        #expect(refusals.isEmpty, "\(refusals.prefix(5))")
        try processes.endInOrder()

        let replay = try migration.replayUntilDone(within: .seconds(60))
        #expect(replay.status == 0, "\(replay)")
        let found = try migration.inspect()
        let twice = found.faults.filter { $0.hasSuffix("is there twice") }
        let others = found.faults.filter { !$0.hasSuffix("is there twice") }
        #expect(others.isEmpty, "\(others.prefix(20).joined(separator: "\n"))\n\(processes.events)")
        #expect(
            migration.oracle.acknowledgedCount > times, "only \(migration.oracle.acknowledgedCount) mails went through")
        let proof = try migration.prove()
        #expect(proof.balanced && proof.addsUp)
        #expect((proof.verified, proof.held, proof.failed) == (found.copies - twice.count, 0, 0))
        judge(proof, twice)
        try expectLive(migration, copies: found.copies, twice: twice.count)
        print(
            "\(times) kills of \(victims.map(\.rawValue)): \(migration.oracle.acknowledgedCount) mails acknowledged, \(found.copies) copies, \(twice.count) twice, \(proof.doubtful) doubtful"
        )
    }

    /// The mailboxes themselves, asked by `prove --live`, say what reading them has shown.
    private static func expectLive(_ migration: Migration, copies: Int, twice: Int) throws {
        let live = try migration.site.run(["prove", "--live", "--format", "json"])
        expect(live, status: twice == 0 ? 0 : 65)
        let fields = try JSONDecoder().decode(LiveNumbers.self, from: Data(live.output.utf8))
        #expect(fields.live_present == copies - 2 * twice && fields.live_doubled == twice, "\(live)")
        #expect((fields.live_moved, fields.live_missing, fields.live_not_asked) == (0, 0, 0), "\(live)")
    }

    private struct LiveNumbers: Decodable {
        let live_present, live_moved, live_missing, live_doubled, live_not_asked: Int
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
