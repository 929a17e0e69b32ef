import Ledger
import MailModel
import Replayer
import Spool
import TestKit
import Testing

/// What a replay makes of mailboxes, addresses, refusals and servers that are not there.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct DeliveryTests {
    static let user = "u@example.test"

    @Test("Many mailboxes are worked on at once, never more than the target's ceiling, each in the order of arrival")
    func ceiling() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            var all: [String: [ReplayRig.Accepted]] = [:]
            let users = (0..<12).map { "u\($0)@example.test" }
            for number in 0..<250 {
                for user in users where number < 30 || user == users[0] {
                    all[user, default: []].append(
                        try await rig.accept(ReplayRig.text(number, octets: number * 64), to: [user]))
                }
            }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let report = try await rig.engine(port: proxy.port, connections: 3).replayOnce(ReplaySelection())
            #expect(proxy.mostAtOnce <= 3 && proxy.mostAtOnce > 1)
            #expect(proxy.logins.values.allSatisfy { $0 == 1 } && report.held == 0)
            for user in users { try await rig.expectExactlyOnce(all[user] ?? [], in: user) }
            try rig.expectProof(verified: 250 + 11 * 30)
            await proxy.close()
        }
    }

    @Test(
        "Addresses of one mailbox get one copy, and what an alias later joins is merged; unknown recipients stay held")
    func merged() async throws {
        try await ReplayRig.run { rig in
            let first = try await rig.accept(
                ReplayRig.text(1), to: [Self.user, "alias@example.test", "late@example.test", "nobody@example.test"])
            try await rig.cutOver([ReplayRig.mailbox(Self.user, aliases: ["alias@example.test"])])
            let engine = try rig.engine()
            let report = try await engine.replayOnce(ReplaySelection())
            #expect(report.counts.delivered == 1 && report.counts.merged == 1)
            try rig.expectProof(verified: 1, merged: 1, held: 2)
            try await rig.cutOver([ReplayRig.mailbox(Self.user, aliases: ["alias@example.test", "late@example.test"])])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce([first], in: Self.user)
            try rig.expectProof(verified: 1, merged: 2, held: 1)
        }
    }

    @Test("A message too big for the mailbox parks itself; all before and behind it go, in order")
    func poison() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 50_000_000, largestMessage: 100_000)) { rig in
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<21 {
                messages.append(
                    try await rig.accept(
                        ReplayRig.text(number, octets: number == 13 || number == 20 ? 200_000 : 500), to: [Self.user]))
            }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.failed == 2 && report.held == 0 && report.problems.isEmpty)
            try await rig.expectExactlyOnce(
                messages.indices.filter { $0 != 13 && $0 != 20 }.map { messages[$0] }, in: Self.user)
            try rig.expectProof(verified: 19, failed: 2)
        }
    }

    @Test("A full mailbox stops itself, says so, parks no message, and does not stop another; with room it goes on")
    func overQuota() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 20_000)) { rig in
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<3 {
                messages.append(try await rig.accept(ReplayRig.text(number, octets: 5000), to: [Self.user]))
            }
            try await rig.put(Array(ReplayRig.text(99, octets: 12_000).utf8), into: Self.user)
            let other = try await rig.accept(ReplayRig.text(9), to: ["other@example.test"])
            try await rig.cutOver([ReplayRig.mailbox(Self.user), ReplayRig.mailbox("other@example.test")])
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.problems.map(\.error.code) == [.overQuota])
            #expect(report.failed == 0)
            try await rig.expectExactlyOnce([other], in: "other@example.test")
            try rig.expectProof(verified: 1, held: 3)
            try rig.dovecot.doveadm(["expunge", "-u", Self.user, "mailbox", "INBOX", "all"])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(messages, in: Self.user)
            try rig.expectProof(verified: 4)
        }
    }

    @Test("A wrong master password is tried once for the mailbox, and the outcome is that of credentials")
    func wrongPassword() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            try await rig.accept(ReplayRig.text(1), to: [Self.user])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine(port: proxy.port, password: "wrong").replayOnce(ReplaySelection())
            #expect(report.problems.map(\.error.code) == [.credentials])
            #expect(proxy.logins == [Self.user: 1])
            try rig.expectProof(verified: 0, held: 1)
            await proxy.close()
        }
    }

    @Test("A wrong master password is not tried for each of a hundred mailboxes")
    func wrongPasswordForAll() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            let users = (0..<100).map { "u\($0)@example.test" }
            for user in users { try await rig.accept(ReplayRig.text(1), to: [user]) }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let report = try await rig.engine(port: proxy.port, password: "wrong").replayOnce(ReplaySelection())
            #expect(
                report.problems.count == 100
                    && report.problems.allSatisfy { [.credentials, .notTried].contains($0.error.code) })
            // And as many as were under way.
            #expect(proxy.logins.values.reduce(0, +) <= 5 + 3)
            await proxy.close()
        }
    }

    @Test("A target that is not there is unavailable, and everything stays held")
    func targetDown() async throws {
        try await ReplayRig.run { rig in
            try await rig.accept(ReplayRig.text(1), to: [Self.user])
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine(port: 1).replayOnce(ReplaySelection())
            #expect(report.problems.map(\.error.code) == [.unavailable] && report.held == 1)
        }
    }

    @Test("A mailbox with a folder of its own gets it made; a folder that cannot be a name stops that mailbox only")
    func folders() async throws {
        try await ReplayRig.run { rig in
            let message = try await rig.accept(ReplayRig.text(1), to: [Self.user])
            try await rig.accept(ReplayRig.text(2), to: ["bad@example.test"])
            try await rig.cutOver([
                ReplayRig.mailbox(Self.user, folder: "Übernahme/alt"),
                ReplayRig.mailbox("bad@example.test", folder: "a\r\nb"),
            ])
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.problems.map(\.error.code) == [.noMailbox])
            try await rig.expectExactlyOnce([message], in: Self.user, folder: "Übernahme/alt")
            try rig.expectProof(verified: 1, held: 1)
        }
    }

    @Test(
        "Who is written in another way that looks the same gets nobody else's mail, and each copy names its own sender as he wrote"
    )
    func lookAlikes() async throws {
        try await ReplayRig.run { rig in
            let (composed, combined) = ("j\u{FC}rgen@example.test", "ju\u{308}rgen@example.test")
            // The look-alikes come first: what is remembered of them must not be taken for the others.
            try await rig.accept(ReplayRig.text(0), to: [combined], from: "\u{212A}ay@sender.example")
            try await rig.accept(ReplayRig.text(1), to: ["\u{212A}arl@example.test"])
            let second = try await rig.accept(ReplayRig.text(2), to: [composed], from: "Kay@sender.example")
            let third = try await rig.accept(
                ReplayRig.text(3), to: ["karl@example.test"], from: "kAY+VERP@sender.example")
            let fourth = try await rig.accept(
                ReplayRig.text(4), to: ["karl@example.test"], from: "kay+verp@sender.example")
            try await rig.cutOver([
                ReplayRig.mailbox(Self.user, aliases: [composed]), ReplayRig.mailbox("karl@example.test"),
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            #expect(try await rig.copies(Self.user).map(\.digest) == [SHA256Hasher.digest(second.copy(for: composed))])
            try await rig.expectExactlyOnce([third, fourth], in: "karl@example.test")
            try rig.expectProof(verified: 3, held: 2)
            var filter = AuditFilter()
            filter.from = "kay+verp@sender.example"
            #expect(try Set(rig.ledger.audit(filter).map(\.sender)) == [third.sender, fourth.sender])
        }
    }

    @Test("Where every connection breaks at every APPEND, no message is parked, however often it is tried")
    func outage() async throws {
        try await ReplayRig.run { rig in
            let users = ["u@example.test", "v@example.test"]
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<6 {
                messages.append(try await rig.accept(ReplayRig.text(number), to: [users[number % 2]]))
            }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .cut(.toServer, octets: 20) }
            let engine = try rig.engine(port: proxy.port)
            for _ in 0..<3 {
                let report = try await engine.replayOnce(ReplaySelection())
                #expect(report.failed == 0 && report.held == 6)
                #expect(report.problems.allSatisfy { $0.error.code == .unavailable })
            }
            await proxy.close()
            _ = try await rig.engine().replayOnce(ReplaySelection())
            for user in users { try await rig.expectExactlyOnce(messages.filter { $0.recipients == [user] }, in: user) }
        }
    }

    @Test("A message at which the server always falls over parks itself, and the rest goes")
    func breaksConnection() async throws {
        try await ReplayRig.run { rig in
            var messages: [ReplayRig.Accepted] = []
            for number in 0..<6 { messages.append(try await rig.accept(ReplayRig.text(number), to: [Self.user])) }
            // This message never comes to the server, in whatever batch it stands.
            let poison = messages[2].id.description
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port, cuttingAt: poison) { _, _ in .none }
            try await rig.cutOver([ReplayRig.mailbox(Self.user)])
            let report = try await rig.engine(port: proxy.port).replayOnce(ReplaySelection())
            #expect(report.failed == 1 && report.held == 0, "\(report.problems)")
            try await rig.expectExactlyOnce(messages.filter { $0.id != messages[2].id }, in: Self.user)
            try rig.expectProof(verified: 5, failed: 1)
            await proxy.close()
        }
    }

    @Test("What a person pauses or takes back while mailboxes wait for their turn is not delivered")
    func pausedMeanwhile() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { user, _ in
                user.hasPrefix("a") ? .delay(milliseconds: 300) : .none
            }
            let users = ["a@example.test", "paused@example.test", "undone@example.test"]
            for user in users { try await rig.accept(ReplayRig.text(1), to: [user]) }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let engine = try rig.engine(port: proxy.port, connections: 1)
            async let report = engine.replayOnce(ReplaySelection())
            while engine.connectionsInUse["t"] != 1 { await Task.yield() }
            try await rig.journal.append([
                .paused(mailboxIDs: ["id-paused@example.test"], why: ""),
                .cutoverUndone(mailboxIDs: ["id-undone@example.test"], why: ""),
            ])
            _ = try await report
            #expect(try await rig.copies("a@example.test").count == 1)
            #expect(try await rig.copies("paused@example.test").isEmpty)
            #expect(try await rig.copies("undone@example.test").isEmpty)
            await proxy.close()
        }
    }
}
