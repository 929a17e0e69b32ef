import Foundation
import TestKit
import Testing

/// System calls that fail, and kills at any call, under `replay` and the commands that change something.
@Suite(
    .serialized, .enabled(if: SystemCallInjector.isAvailable, "needs root and strace"),
    .enabled(if: ThrowawayDovecot.isAvailable, "needs /usr/sbin/dovecot (dovecot-imapd)"))
struct CommandFaultTests {
    private static let everyday = [
        SystemCallFault("fdatasync,fsync", "error=EIO", number: 2),
        SystemCallFault("pwritev,pwrite64", "error=ENOSPC", number: 2),
        SystemCallFault("unlink", "signal=SIGKILL", number: 1),
    ]

    private static let all = [
        ("fdatasync,fsync", ["error=EIO", "error=ENOSPC", "signal=SIGKILL"]),
        ("pwritev,pwrite64,write", ["error=EIO", "error=ENOSPC", "error=EDQUOT", "error=EINTR", "signal=SIGKILL"]),
        ("openat", ["error=EMFILE", "error=EIO", "error=EROFS", "error=ENOMEM", "signal=SIGKILL"]),
        ("rename", ["error=EIO", "signal=SIGKILL"]), ("ftruncate", ["error=EIO", "signal=SIGKILL"]),
        ("unlink", ["error=EIO", "signal=SIGKILL"]), ("flock", ["error=ENOLCK"]), ("mkdir", ["error=ENOSPC"]),
        ("pread64,read", ["error=EIO"]), ("newfstatat,fstat", ["error=EIO"]),
    ].flatMap { calls, effects in effects.map { SystemCallFault(calls, $0, number: 1) } }

    /// Where a command must carry on.
    private static let verbs = [["roster", "import"], ["cutover", "--all"], ["reindex"], ["replay"]]

    @Test("A call that fails, or a kill, under a command leaves nothing half done that the next one does not mend")
    func commands() async throws {
        try await onThreadOfItsOwn {
            let trials = try FaultTrials()
            defer { trials.end() }
            for fault in TestRounds.isLong ? Self.all : Self.everyday {
                for verb in Self.verbs {
                    for number in fault.number...(TestRounds.isLong ? 40 : fault.number) {
                        guard try trials.run(verb, fault.at(number)) else { break }
                    }
                }
            }
            try trials.expectEverythingDelivered()
        }
    }
}

/// A migration on which one command after another is run with a fault.
private final class FaultTrials {
    private let migration: Migration
    private var serial = 0

    init() throws {
        migration = try Migration(mailboxes: 3, aliases: 0, settle: "1 s")
        try EndToEnd.expect(migration.site.run(["roster", "import", migration.rosterFile]), status: 0)
        try EndToEnd.expect(migration.site.run(["cutover", "--all"]), status: 0)
    }

    func end() { migration.end() }

    /// False when the fault did not come.
    func run(_ verb: [String], _ fault: SystemCallFault) throws -> Bool {
        serial += 1
        try prepare(verb)
        var words = verb
        if verb[0] == "roster" { words.append(try roster()) }
        let trace = migration.site.directory.appending(path: "output/\(serial).trace").path
        let inSpool = SystemCallFault(
            fault.calls, fault.effect, number: fault.number, toTheEnd: fault.toTheEnd, paths: try files())
        let result = try migration.site.run(words, under: inSpool.wrapper(trace: trace))
        let name = "\(verb.joined(separator: " ")) with \(fault)"
        judge(result, fault, name)
        let prove = try migration.site.run(["prove", "--format", "json"])
        #expect(prove.status == 0, "\(name): \(prove)")
        if prove.status == 0 {
            let proof = try Proof(prove)
            #expect(proof.balanced && proof.addsUp, "\(name): \(proof)")
        }
        let fsck = try migration.site.run(["fsck"])
        #expect(fsck.status == 0, "\(name): \(fsck)")
        let again =
            verb[0] == "replay" ? try migration.replayUntilDone(within: .seconds(30)) : try migration.site.run(words)
        #expect(again.status == 0, "\(name): \(again)")
        return SystemCallFault.injections(in: trace) > 0
    }

    private func judge(_ result: CommandResult, _ fault: SystemCallFault, _ name: String) {
        switch result.ending {
        case .killed(let signal): #expect(fault.isKill && signal == SIGKILL, "\(name): \(result)")
        case .exited(0): break
        case .exited(let status):
            // 75: the replay parked what it could not do.
            #expect(status == 74 || (status == 75 && result.arguments.first == "replay"), "\(name): \(result)")
            let says = result.errors.contains(migration.site.directory.path) && result.errors.contains(/[;.][ ]/)
            #expect(status != 74 || says, "no file or no remedy: \(name): \(result)")
        }
    }

    /// Mail to replay; for a reindex that has something to lose, that too.
    private func prepare(_ verb: [String]) throws {
        guard verb[0] == "replay" || serial == 1 else { return }
        let server = try migration.site.startServer()
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: TestSeed.value &+ UInt64(serial) << 20)
        for _ in 0..<3 {
            let mail = samples.make(.plainText, to: [migration.mailboxes[0].address, migration.mailboxes[1].address])
                .attempt(serial)
            migration.oracle.willSend(mail)
            if let id = try client.send(mail).acknowledgedID { migration.oracle.didAcknowledge(mail, id: id) }
        }
        #expect(try server.terminate() == .exited(0))
    }

    private func roster() throws -> String {
        let before = try String(contentsOfFile: migration.rosterFile, encoding: .utf8)
        let name = "new\(serial)@\(Migration.domain)"
        return try migration.site.write(before + "\(name),\(name),ox,late,\n", to: "roster-\(serial).csv")
    }

    /// The files of the spool that are there, or come while a command runs: libraries and certificates are let alone.
    private func files() throws -> [String] {
        let spool = migration.site.directory.appending(path: "spool")
        let found = try FileManager.default.subpathsOfDirectory(atPath: spool.path).map { "\(spool.path)/\($0)" }
        let index = ["ledger.sqlite", "ledger.sqlite.rebuild"].flatMap { name in
            ["", "-wal", "-shm", "-journal"].map { "\(spool.path)/\(name)\($0)" }
        }
        return Array(Set(found + index + [spool.path])).sorted()
    }

    func expectEverythingDelivered() throws {
        let found = try migration.inspect()
        #expect(found.faults.isEmpty, "\(found.faults.prefix(20).joined(separator: "\n"))")
        let proof = try migration.prove()
        #expect((proof.verified, proof.held, proof.doubtful) == (found.copies, 0, 0), "\(proof)")
        print("faults under commands: \(serial) trials, \(found.copies) copies")
    }
}
