import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Stopped when APPEND has begun and waits for `+`: the intent is journaled, and no octet of the message is out.
    @Test(
        "A replay stopped in the middle of an APPEND keeps its mailbox: another is refused in words, and one copy comes of it",
        arguments: [true, false])
    func stoppedInTheMiddle(goesOn: Bool) async throws {
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        try dovecot.start()
        let proxy = try await IMAPFaultProxy(to: dovecot.port) { _, login in
            login == 0 ? .delay(milliseconds: 400) : .none
        }
        try await onThreadOfItsOwn { try Self.stop(dovecot, proxy, goesOn: goesOn) }
        await proxy.close()
    }

    private static func stop(_ dovecot: ThrowawayDovecot, _ proxy: IMAPFaultProxy, goesOn: Bool) throws {
        let site = try LayoverSite { configuration($0, port: proxy.port) }
        defer { site.remove() }
        _ = try site.write(ThrowawayDovecot.masterPassword + "\n", to: "master-password")
        let user = "u0@example.test"
        let roster = try site.write("mailbox,login,target,wave,aliases\n\(user),\(user),ox,one,\n", to: "roster.csv")
        let server = try site.startServer()
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: 1)
        // Larger than what goes without being asked for (RFC 7888).
        let mail = samples.large(300_000, to: [user])
        #expect(try client.send(mail).acknowledgedID != nil)
        try server.terminate()
        try expect(site.run(["roster", "import", roster]), status: 0)
        try expect(site.run(["cutover", "--all"]), status: 0)

        let first = try site.start(["replay"])
        defer { first.kill() }
        try eventually("an APPEND begins", within: .seconds(30)) { proxy.appendsBegun == 1 ? () : nil }
        try haltOutsideOfLocks(first, site)
        let second = try site.run(["replay"], within: .seconds(60))
        expect(second, status: 75)
        #expect(second.output.contains("another process has been working on it"), "\(second)")
        #expect(try copies(dovecot, user) == 0)

        if goesOn {
            first.signal(SIGCONT)
            #expect(try first.wait(within: .seconds(60)) == .exited(0), "\(first.errorText)")
        } else {
            first.kill()
        }
        try expect(site.run(["replay"], within: .seconds(60)), status: 0)
        #expect(try copies(dovecot, user) == 1)
        let proof = try Proof(site.run(["prove", "--format", "json"]))
        #expect(proof.balanced && (proof.verified, proof.held, proof.doubtful) == (1, 0, 0))
        try expect(site.run(["prove", "--live"]), status: 0)
    }

    static func copies(_ dovecot: ThrowawayDovecot, _ user: String) throws -> Int {
        try MailboxReader(port: dovecot.port, user: user, password: ThrowawayDovecot.userPassword).copies().count
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

    static func configuration(_ directory: URL, port: Int) -> String {
        """
        hostname = "mx.example.test"
        [spool]
        directory = "\(directory.path)/spool"
        min_free = "1 MiB"
        reserve = "0 B"
        [receive]
        listen = ["127.0.0.1:0"]
        status_listen = "off"
        domains = ["example.test"]
        [targets.ox]
        host = "127.0.0.1"
        port = \(port)
        security = "none"
        kind = "dovecot"
        login = "master"
        master_user = "\(ThrowawayDovecot.masterUser)"
        password_file = "\(directory.path)/master-password"
        connections = 2
        settle = "2 s"
        [console]
        listen = "127.0.0.1:0"

        """
    }
}
