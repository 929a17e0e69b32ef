import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Stopped when APPEND has begun and waits for `+`: the intent is journaled, and no octet of the message is out.
    @Test(
        "A replay stopped in the middle of an APPEND keeps its mailbox: another is refused in words, and one copy comes of it",
        arguments: [true, false])
    func stoppedInTheMiddle(goesOn: Bool) async throws {
        try await ProxiedReplay.run(
            { _, login in login == 0 ? .delay(milliseconds: 400) : .none }, seed: 1
        ) { samples in
            // Larger than what goes without being asked for (RFC 7888).
            [samples.large(300_000, to: [ProxiedReplay.user])]
        } _: { rig in
            try Self.stop(rig, goesOn: goesOn)
        }
    }

    private static func stop(_ rig: ProxiedReplay, goesOn: Bool) throws {
        let first = try rig.site.start(["replay"])
        defer { first.kill() }
        try eventually("an APPEND begins", within: .seconds(30)) { rig.proxy.appendsBegun == 1 ? () : nil }
        try haltOutsideOfLocks(first, rig.site)
        let second = try rig.site.run(["replay"], within: .seconds(60))
        expect(second, status: 75)
        #expect(second.output.contains("another process has been working on it"), "\(second)")
        #expect(try rig.copies() == 0)

        if goesOn {
            first.signal(SIGCONT)
            #expect(try first.wait(within: .seconds(60)) == .exited(0), "\(first.errorText)")
        } else {
            first.kill()
        }
        try expect(rig.site.run(["replay"], within: .seconds(60)), status: 0)
        #expect(try rig.copies() == 1)
        let proof = try rig.prove()
        #expect(proof.balanced && (proof.verified, proof.held, proof.doubtful) == (1, 0, 0))
        try expect(rig.site.run(["prove", "--live"]), status: 0)
    }

    /// Everybody needs the locks of journal and Ledger: they are held for moments, and whoever holds one must not be stopped here.
    private static func haltOutsideOfLocks(_ process: ChildProcess, _ site: LayoverSite) throws {
        let locks = ["journal", "ledger"].map { site.directory.appending(path: "spool/locks/\($0)").path }
        try eventually("it stands outside of the locks", within: .seconds(1)) {
            try process.halt()
            if locks.allSatisfy(isFree) { return () }
            process.signal(SIGCONT)
            return nil
        }
    }

    private static func isFree(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
}
