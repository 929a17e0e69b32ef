import Foundation
import TestKit
import Testing

/// A Layover with held mail of one mailbox that is cut over, and a proxy between it and the Dovecot that its replay goes to.
struct ProxiedReplay: Sendable {
    static let user = "u0@example.test"

    let site: LayoverSite
    let dovecot: ThrowawayDovecot
    let proxy: IMAPFaultProxy

    /// Takes `mails` in, cuts the mailbox over, runs the test on a thread of its own, and removes everything.
    static func run(
        _ plan: @escaping IMAPFaultProxy.Plan, seed: UInt64,
        mails: @escaping @Sendable (inout SampleMail) -> [OutgoingMail],
        _ test: @escaping @Sendable (ProxiedReplay) throws -> Void
    ) async throws {
        let dovecot = try ThrowawayDovecot()
        defer { dovecot.remove() }
        try dovecot.start()
        let proxy = try await IMAPFaultProxy(to: dovecot.port, plan: plan)
        try await onThreadOfItsOwn {
            let site = try LayoverSite { configuration($0, port: proxy.port) }
            defer { site.remove() }
            let replay = ProxiedReplay(site: site, dovecot: dovecot, proxy: proxy)
            var samples = SampleMail(seed: seed)
            try replay.hold(mails(&samples))
            try test(replay)
        }
        await proxy.close()
    }

    private func hold(_ mails: [OutgoingMail]) throws {
        _ = try site.write(ThrowawayDovecot.masterPassword + "\n", to: "master-password")
        let row = "\(Self.user),\(Self.user),ox,one,"
        let roster = try site.write("mailbox,login,target,wave,aliases\n\(row)\n", to: "roster.csv")
        let server = try site.startServer()
        let client = try SMTPClient(port: server.port)
        for mail in mails { #expect(try client.send(mail).acknowledgedID != nil) }
        try server.terminate()
        try EndToEnd.expect(site.run(["roster", "import", roster]), status: 0)
        try EndToEnd.expect(site.run(["cutover", "--all"]), status: 0)
    }

    /// Messages in the mailbox.
    func copies() throws -> Int {
        try MailboxReader(port: dovecot.port, user: Self.user, password: ThrowawayDovecot.userPassword).copies().count
    }

    func prove() throws -> Proof { try Proof(site.run(["prove", "--format", "json"])) }

    private static func configuration(_ directory: URL, port: Int) -> String {
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
