import Foundation

/// A whole migration on this machine: a real server as the new system, a Layover in front of it, and a roster.
///
/// Mailbox `n` is `u<n>@example.test` with the aliases `a<n>.<k>@example.test`; even ones are in wave `first`, odd ones in `second`.
public final class Migration: Sendable {
    public static let hostname = "mx.example.test"
    public static let domain = "example.test"

    public let system: any TargetServer
    public let site: LayoverSite
    public let mailboxes: [TestMailbox]
    public let oracle = DeliveryOracle()
    /// Where the spool is, and nothing else; nil where it has no disk of its own.
    public let disk: LoopDisk?

    /// Starts the new system; nothing of Layover runs yet, and the roster is not imported.
    ///
    /// - Parameters:
    ///   - receive: further lines of `[receive]`.
    ///   - make: gives the new system for these users; a Dovecot with TLS, unless a test wants another.
    ///   - disk: the size of a disk of its own for the spool, whose power can be cut; nil for the disk that everything is on.
    public init(
        mailboxes count: Int, aliases: Int, settle: String = "2 s", retention: String = "14 days", receive: String = "",
        disk size: Int? = nil, on make: ([String]) throws -> any TargetServer = { _ in try ThrowawayDovecot(tls: true) }
    ) throws {
        let mailboxes = (0..<count).map { TestMailbox(number: $0, aliases: aliases) }
        let system = try make(mailboxes.map(\.address))
        self.system = system
        self.mailboxes = mailboxes
        site = try LayoverSite {
            Self.configuration(
                $0, system, settle: settle, retention: retention, receive: receive, hasDisk: size != nil)
        }
        disk = try size.map { [site] in try LoopDisk(at: site.directory.appending(path: "disk"), size: $0) }
        _ = try site.write(system.passwords, to: "master-password")
        _ = try site.write(roster, to: "roster.csv")
        try system.start()
    }

    /// The new system, where it is a Dovecot, as it is unless a test asks for another.
    public var dovecot: ThrowawayDovecot {
        guard let dovecot = system as? ThrowawayDovecot else { preconditionFailure("this migration has no Dovecot") }
        return dovecot
    }

    public var rosterFile: String { site.directory.appending(path: "roster.csv").path }

    private var roster: String {
        "mailbox,login,target,wave,aliases\n"
            + mailboxes.map { "\($0.address),\($0.address),ox,\($0.wave),\($0.aliases.joined(separator: " "))\n" }
            .joined()
    }

    public var addresses: [String] { mailboxes.flatMap(\.addresses) }

    /// How many mailboxes a mail goes to.
    public func mailboxCount(of mail: OutgoingMail) -> Int {
        mailboxes.count { !$0.addressSet.isDisjoint(with: mail.recipients) }
    }

    /// Everything in a mailbox, read by IMAP as its user.
    public func copies(in mailbox: TestMailbox) throws -> [MailboxCopy] {
        try system.reader(mailbox.address).copies()
    }

    /// What is wrong with any mailbox, and how many copies there are in all.
    public func inspect() throws -> (faults: [String], copies: Int) {
        var faults: [String] = []
        var count = 0
        for mailbox in mailboxes {
            let copies = try copies(in: mailbox)
            count += copies.count
            faults += oracle.faults(
                in: copies, mailbox: mailbox.addressSet, hostname: Self.hostname, stored: system.stored
            ).map {
                "\(mailbox.address): \($0)"
            }
        }
        return (faults, count)
    }

    public func prove() throws -> Proof { try Proof(site.run(["prove", "--format", "json"])) }

    /// Runs `replay` until nothing is left to do: a broken connection leaves mail in doubt for the settle time. Returns the last result.
    public func replayUntilDone(within limit: Duration) throws -> CommandResult {
        let deadline = ContinuousClock.now + limit
        while true {
            let result = try site.run(["replay"], within: limit)
            if result.status == 0 || ContinuousClock.now > deadline { return result }
        }
    }

    /// Ends the new system and removes everything; with `LAYOVER_KEEP` set, what is on disk stays, to be looked into.
    public func end() {
        guard ProcessInfo.processInfo.environment["LAYOVER_KEEP"] == nil else {
            system.stop()
            disk?.remove()
            return print("kept: \(site.directory.path) \(system.directory.path)")
        }
        system.remove()
        disk?.remove()
        site.remove()
    }

    private static func configuration(
        _ directory: URL, _ system: any TargetServer, settle: String, retention: String, receive: String, hasDisk: Bool
    ) -> String {
        """
        hostname = "\(hostname)"
        [spool]
        directory = "\(directory.path)/\(hasDisk ? "disk/spool" : "spool")"
        min_free = "1 MiB"
        reserve = "0 B"
        retention = "\(retention)"
        segment_size = "\(hasDisk ? "256 KiB" : "64 MiB")"
        [receive]
        listen = ["127.0.0.1:0"]
        status_listen = "off"
        domains = ["\(domain)"]
        \(receive)
        [targets.ox]
        \(system.target)
        password_file = "\(directory.path)/master-password"
        connections = 4
        settle = "\(settle)"
        [console]
        listen = "127.0.0.1:0"

        """
    }
}
