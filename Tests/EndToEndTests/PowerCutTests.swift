import Foundation
import Synchronization
import TestKit
import Testing

/// The power goes at a random instant, again and again, under the real binary on a real ext4. `LAYOVER_ROUNDS` says how often.
@Suite(
    .serialized, .enabled(if: LoopDisk.obstacle == nil, "\(LoopDisk.obstacle ?? "")"),
    .enabled(if: HostProgram.path("python3") != nil, "needs python3"))
struct PowerCutTests {
    /// A disk holds so many rounds; then a fresh one is taken.
    private static let roundsPerDisk = 10

    @Test("The power is cut under receive: every acknowledged mail is there to the octet, and the spool is whole")
    func receive() async throws {
        let seed = TestSeed.announced(for: "power cuts of receive")
        try await onThreadOfItsOwn {
            var random = SeededGenerator(seed: seed)
            let rounds = TestRounds.count(6)
            var acknowledged = 0
            for first in stride(from: 0, to: rounds, by: Self.roundsPerDisk) {
                let site = try MailSite(disk: 512 << 20, segmentSize: "256 KiB")
                defer { site.remove() }
                for round in first..<min(rounds, first + Self.roundsPerDisk) {
                    try Self.cutOnce(site, seed: seed &+ UInt64(round) << 20, &random)
                    let faults = try site.faults()
                    #expect(faults.isEmpty, "round \(round): \(faults.prefix(10).joined(separator: "\n"))")
                    if !faults.isEmpty { return }
                }
                acknowledged += site.oracle.acknowledgedCount
            }
            #expect(acknowledged > rounds * 5, "only \(acknowledged) mails went through")
            print("power cuts of receive: \(rounds) rounds, \(acknowledged) mails acknowledged")
        }
    }

    /// Load, power cut, boot.
    private static func cutOnce(_ site: MailSite, seed: UInt64, _ random: inout SeededGenerator) throws {
        let server = try site.layover.startServer()
        defer { server.kill() }
        let isUp = Mutex(true)
        let hasPower = Mutex(true)
        let load = MailLoad(
            senders: 4, seed: seed, addresses: site.addresses, oracle: site.oracle, largeOneIn: 12,
            counts: { hasPower.withLock { $0 } }
        ) { isUp.withLock { $0 ? server.port : nil } }
        usleep(UInt32.random(in: 5_000...500_000, using: &random))
        // Where the machine lives on without its disk, the receiver must find that out by itself.
        let livesOn = Bool.random(using: &random)
        if livesOn {
            hasPower.withLock { $0 = false }
            try site.disk?.cutPower()
        } else {
            try site.disk?.cutPower(of: [server.process])
        }
        if livesOn {
            let ending = try server.process.wait(within: .seconds(20))
            #expect(ending == .exited(74), "\(ending): \(server.process.errorText.suffix(1000))")
            #expect(server.process.errorText.contains("dmesg"), "\(server.process.errorText.suffix(1000))")
        }
        server.kill()
        isUp.withLock { $0 = false }
        let refusals = try load.stop()
        #expect(refusals.isEmpty, "\(refusals.prefix(5))")
        try site.disk?.mountAgain()
        let restarted = try site.layover.startServer()
        #expect(try restarted.terminate() == .exited(0), "\(restarted.process.errorText.suffix(1000))")
    }

    @Test(
        "The power is cut under serve, replay and commands: every acknowledged mail is in its mailbox once, and the proof balances",
        .enabled(if: ThrowawayDovecot.isAvailable, "needs /usr/sbin/dovecot (dovecot-imapd)"))
    func everything() async throws {
        let seed = TestSeed.announced(for: "power cuts of everything")
        try await onThreadOfItsOwn {
            var random = SeededGenerator(seed: ~seed)
            let rounds = TestRounds.count(5)
            for first in stride(from: 0, to: rounds, by: Self.roundsPerDisk) {
                try Self.cutEverything(rounds: first..<min(rounds, first + Self.roundsPerDisk), seed: seed, &random)
            }
        }
    }

    private static func cutEverything(rounds: Range<Int>, seed: UInt64, _ random: inout SeededGenerator) throws {
        let migration = try Migration(mailboxes: 6, aliases: 2, disk: 512 << 20)
        defer { migration.end() }
        try EndToEnd.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
        try EndToEnd.expect(migration.site.run(["cutover", "--all"]), status: 0)
        var events: [String] = []
        for round in rounds {
            let processes = try PoweredProcesses(migration, together: Bool.random(using: &random))
            defer { processes.kill() }
            let load = MailLoad(
                senders: 3, seed: seed &+ UInt64(round) << 20, addresses: migration.addresses,
                oracle: migration.oracle, largeOneIn: 40
            ) { processes.port }
            usleep(UInt32.random(in: 50_000...500_000, using: &random))
            let command = try Self.startCommand(migration, round: round, &random)
            defer { command.process.kill() }
            usleep(UInt32.random(in: 1_000...400_000, using: &random))
            try migration.disk?.cutPower(of: [command.process] + processes.all)
            events.append("round \(round): \(processes.together ? "serve" : "receive, replay"), \(command.words)")
            let refusals = try load.stop()
            #expect(refusals.isEmpty, "\(refusals.prefix(5))")
            try migration.disk?.mountAgain()
            let fsck = try migration.site.run(["fsck"])
            #expect(fsck.status == 0, "\(events)\n\(fsck)")
            let proof = try migration.site.run(["prove", "--format", "json"])
            #expect(try proof.status == 0 && Proof(proof).balanced && Proof(proof).addsUp, "\(events)\n\(proof)")
        }
        try Self.expectAllDelivered(migration, events)
    }

    /// A command that changes what is on disk, under way when the power goes.
    private static func startCommand(_ migration: Migration, round: Int, _ random: inout SeededGenerator) throws -> (
        process: ChildProcess, words: String
    ) {
        let words: [String]
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let more = "\nnew\(round)@\(Migration.domain),new\(round)@\(Migration.domain),ox,late,\n"
            let roster = try String(contentsOfFile: migration.rosterFile, encoding: .utf8)
            words = ["roster", "import", try migration.site.write(roster + more, to: "roster-\(round).csv")]
        case 1: words = ["cutover", "--all", "--reason", "round \(round)"]
        case 2: words = ["reindex"]
        default: words = ["replay"]
        }
        return (try migration.site.start(words), words[0])
    }

    private static func expectAllDelivered(_ migration: Migration, _ events: [String]) throws {
        let receiver = try migration.site.startServer()
        #expect(try receiver.terminate() == .exited(0))
        try EndToEnd.expect(migration.site.run(["cutover", "--all"]), status: 0)
        let replay = try migration.replayUntilDone(within: .seconds(60))
        #expect(replay.status == 0, "\(replay)")
        let found = try migration.inspect()
        #expect(
            found.faults.isEmpty,
            "\(found.faults.prefix(20).joined(separator: "\n"))\n\(events.joined(separator: "\n"))")
        let proof = try migration.prove()
        #expect(proof.balanced && proof.addsUp)
        #expect((proof.verified, proof.held, proof.failed, proof.doubtful) == (found.copies, 0, 0, 0), "\(proof)")
        #expect(migration.oracle.acknowledgedCount > events.count * 3)
        print(
            "power cuts of everything: \(events.count) rounds, \(migration.oracle.acknowledgedCount) mails acknowledged, \(found.copies) copies"
        )
    }
}
