import Foundation
import TestKit
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    @Test("An import that takes an address from a mailbox that is being replayed is refused whole, and names the way")
    func importBesideReplay() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 1)
            defer { migration.end() }
            let (site, mailboxes) = (migration.site, migration.mailboxes)
            _ = try migration.hold(1, seed: 7)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            // As if a replay worked on both.
            let locks = site.directory.appending(path: "spool/locks").path
            let held = try FileManager.default.contentsOfDirectory(atPath: locks).filter { $0.hasPrefix("mailbox-") }
                .map { open("\(locks)/\($0)", O_RDWR | O_CLOEXEC) }
            #expect(held.count == 2 && held.allSatisfy { flock($0, LOCK_EX | LOCK_NB) == 0 })

            let rows = [(0, []), (1, mailboxes[1].aliases + mailboxes[0].aliases)].map { number, aliases in
                let address = mailboxes[number].address
                return "\(address),\(address),ox,\(mailboxes[number].wave),\(aliases.joined(separator: " "))\n"
            }
            let moved = try site.write("mailbox,login,target,wave,aliases\n" + rows.joined(), to: "moved.csv")
            let refused = try site.run(["roster", "import", moved])
            Self.expect(refused, status: 75)
            #expect("\(refused)".contains("layover pause --mailbox u0@example.test"), "\(refused)")
            #expect(try site.run(["roster", "show", mailboxes[0].address]).output.contains(mailboxes[0].aliases[0]))
            // What takes nothing from anybody waits for nobody.
            try Self.expect(site.run(["roster", "import", migration.rosterFile]), status: 0)

            for descriptor in held { close(descriptor) }
            try Self.expect(site.run(["roster", "import", moved]), status: 0)
            #expect(try site.run(["roster", "show", mailboxes[1].address]).output.contains(mailboxes[0].aliases[0]))
        }
    }

    @Test(
        "A batch in doubt in an account that the roster has left is given up by a person, delivered anew, and doubtful")
    func givenUpAccount() async throws {
        try await ProxiedReplay.run(
            { user, _ in user == ProxiedReplay.user ? .stall(.toServer, octets: 100_000) : .none }, seed: 1
        ) { samples in
            [samples.large(300_000, to: [ProxiedReplay.user])]
        } _: { rig in
            let first = try rig.site.start(["replay"])
            defer { first.kill() }
            // The APPEND begins before its intent is synced: only then is there a doubt.
            let journal = rig.site.directory.appending(path: "spool/journal/00000001.jnl")
            try eventually("an APPEND begins, and its intent is synced", within: .seconds(30)) {
                let isMeant = try Data(contentsOf: journal).range(of: Data("Act: intent".utf8)) != nil
                return rig.proxy.appendsBegun == 1 && isMeant ? () : nil
            }
            first.kill()
            let row = "\(ProxiedReplay.user),new@example.test,ox,one,"
            let roster = try rig.site.write("mailbox,login,target,wave,aliases\n\(row)\n", to: "new.csv")
            try Self.expect(rig.site.run(["roster", "import", roster]), status: 0)

            let retry = ["retry", "--mailbox", ProxiedReplay.user, "--give-up-old-account"]
            try Self.expect(rig.site.run(retry), status: 64)
            let given = try rig.site.run(retry + ["--reason", "the account is gone"])
            Self.expect(given, status: 0)
            #expect(given.output.contains("1 messages in doubt in an account that the roster has left"), "\(given)")
            let again = try rig.site.run(retry + ["--reason", "again"])
            #expect(again.status == 0 && again.output.contains("0 messages in doubt"), "\(again)")

            try Self.expect(rig.site.run(["replay"], within: .seconds(60)), status: 0)
            let reader = try MailboxReader(
                port: rig.dovecot.port, user: "new@example.test", password: ThrowawayDovecot.userPassword)
            #expect(try reader.copies().count == 1)
            let proof = try rig.prove()
            #expect(proof.balanced && (proof.verified, proof.held, proof.doubtful) == (1, 0, 1))
            let shown = try rig.site.run(["roster", "show", ProxiedReplay.user]).output
            #expect(shown.contains("the account is gone"), "\(shown)")
        }
    }

    @Test("replay --message counts what was named and nothing else; what a person keeps back is not called delivered")
    func namedMessages() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 2, aliases: 0)
            defer { migration.end() }
            let (site, mailboxes) = (migration.site, migration.mailboxes)
            _ = try migration.hold(1, seed: 8)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            let lines = try AuditLine.lines(of: site.run(["audit", "--format", "json"]))
            let ids = try mailboxes.map { mailbox in try #require(lines.first { $0.mailbox == mailbox.address }?.id) }

            try Self.expect(site.run(["replay", "--message", "0000000000000000000000000A"]), status: 65)
            // That another mailbox has mail waiting is not its affair.
            try Self.expect(site.run(["replay", "--message", ids[0]]), status: 0)
            #expect(try migration.copies(in: mailboxes[0]).count == 1)
            #expect(try migration.copies(in: mailboxes[1]).isEmpty)

            try Self.expect(site.run(["pause", "--mailbox", mailboxes[1].address]), status: 0)
            try Self.expect(site.run(["replay", "--message", ids[1]]), status: 75)
            let follower = try site.start(["replay", "--follow"])
            defer { follower.kill() }
            try eventually("the follower runs", within: .seconds(30)) {
                let watched = try site.run(["replay", "--message", ids[0]])
                return "\(watched)".contains("a follower is running") && watched.status == 0 ? () : nil
            }
            for words in [["replay"], ["replay", "--message", ids[1]]] {
                let kept = try site.run(words)
                Self.expect(kept, status: 75)
                #expect("\(kept)".contains("1 messages stay held"), "\(kept)")
            }
            try Self.expect(site.run(["resume", "--mailbox", mailboxes[1].address]), status: 0)
            try Self.expect(site.run(["replay"], within: .seconds(60)), status: 0)
            #expect(try migration.copies(in: mailboxes[1]).count == 1)
        }
    }
}
