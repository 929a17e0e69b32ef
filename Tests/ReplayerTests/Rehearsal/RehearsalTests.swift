import Foundation
import Ledger
import Logging
import MailModel
import NIOPosix
import Spool
import TestKit
import Testing

@testable import Replayer

/// Rehearsals at the real Dovecot: what they copy, what they leave alone, and that they leave nothing.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct RehearsalTests {
    static let user = "u@example.test"
    static let folder = "Trial"

    static func engine(_ rig: ReplayRig, _ target: ReplayTarget? = nil) throws -> RehearsalEngine {
        RehearsalEngine(
            ledger: rig.ledger, journal: rig.journal, targets: ["t": try target ?? rig.target()],
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Mailboxes with held mail that are not cut over.
    static func hold(_ rig: ReplayRig, _ users: [String], messages: Int) async throws -> [ReplayRig.Accepted] {
        try await rig.journal.append(users.map { .mailboxSet(ReplayRig.mailbox($0)) })
        var all: [ReplayRig.Accepted] = []
        for number in 0..<messages {
            for user in users { all.append(try await rig.accept(ReplayRig.text(number), to: [user])) }
        }
        try rig.ledger.catchUp()
        return all
    }

    static func run(
        _ rig: ReplayRig, _ plan: RehearsalPlan = RehearsalPlan(folder: folder, why: "to see"),
        target: ReplayTarget? = nil
    ) async throws -> RehearsalReport {
        try await engine(rig, target).run(rig.ledger.mailboxes(), plan: plan, now: .now())
    }

    static func folders(_ rig: ReplayRig, _ user: String = user) throws -> [String] {
        let text = String(decoding: try rig.dovecot.doveadm(["mailbox", "list", "-u", user]), as: UTF8.self)
        return text.split(separator: "\n").map(String.init).sorted()
    }

    /// Everything that is known of the deliveries.
    static func deliveries(_ rig: ReplayRig) throws -> [AuditRow] {
        try rig.ledger.catchUp()
        return try rig.ledger.audit(AuditFilter())
    }

    @Test(
        "Held mail is copied, read back and removed again with its folder; what is held stays as it was, and goes once")
    func wholeWay() async throws {
        try await ReplayRig.run { rig in
            let users = [Self.user, "v@example.test"]
            let messages = try await Self.hold(rig, users, messages: 30)
            let before = try (Self.deliveries(rig), Self.folders(rig))
            let report = try await Self.run(rig)
            #expect(report.isClean && report.isSound, "\(report.accounts)")
            #expect(report.accounts.map(\.messages) == [20, 20] && report.accounts.map(\.verified) == [20, 20])
            let forecast = try #require(report.forecasts.first)
            #expect((forecast.mailboxes, forecast.messages) == (2, 60) && forecast.time > .zero)
            #expect(try Self.deliveries(rig) == before.0)
            #expect(try Self.folders(rig) == before.1)
            #expect(try rig.ledger.openRehearsals().isEmpty)
            for user in users { #expect(try await rig.copies(user).isEmpty) }
            let history = try rig.ledger.history(mailboxID: "id-" + Self.user)
            #expect(history.suffix(2).map(\.kind) == ["rehearsal_begun", "rehearsal_ended"])
            #expect(
                history.suffix(2).first?.why == "to see" && history.last?.what.contains("20 copies removed") == true)

            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            _ = try await rig.engine().replayOnce(ReplaySelection())
            for user in users {
                try await rig.expectExactlyOnce(messages.filter { $0.recipients == [user] }, in: user)
            }
            try rig.expectProof(verified: 60)
        }
    }

    @Test("In a folder that is there already only its own copies go: mail of others stays, also what they have marked")
    func foreignFolder() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 5)
            for number in 50..<53 {
                try await rig.put(Array(ReplayRig.text(number).utf8), into: Self.user, Self.folder)
            }
            try rig.dovecot.doveadm(["flags", "add", "-u", Self.user, "\\Deleted", "mailbox", Self.folder, "1"])
            let before = try await rig.copies(Self.user, Self.folder).map(\.digest)
            let report = try await Self.run(rig)
            #expect(report.isClean && report.isSound && report.accounts.map(\.verified) == [5], "\(report.accounts)")
            #expect(try await rig.copies(Self.user, Self.folder).map(\.digest) == before)
        }
    }

    @Test("A mailbox's own folder, INBOX and a folder without a parent are refused, and nothing is touched")
    func refusedFolders() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 2)
            let before = try Self.folders(rig)
            for name in ["INBOX", "inbox", "Missing/Trial"] {
                let report = try await Self.run(rig, RehearsalPlan(folder: name))
                #expect(report.accounts.first?.problem != nil && report.isClean, "\(name)")
                #expect(report.accounts.first?.messages == 0)
            }
            #expect(try Self.folders(rig) == before)
            #expect(try rig.ledger.history(mailboxID: "id-" + Self.user).allSatisfy { $0.kind == "mailbox_set" })
        }
    }

    @Test("Its limits on messages and octets are kept, and a full account is left alone")
    func limits() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 20_000)) { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 40)
            let few = try await Self.run(rig, RehearsalPlan(folder: Self.folder, messages: 3))
            #expect(few.accounts.map(\.messages) == [3] && few.isClean)
            let small = try await Self.run(rig, RehearsalPlan(folder: Self.folder, bytes: ByteCount(1_000)))
            #expect(small.accounts.map(\.messages) == [3] && small.isClean, "\(small.accounts)")
            let full = try await Self.run(rig, RehearsalPlan(folder: Self.folder, messages: 40))
            #expect(full.accounts.first?.problem?.contains("quota") == true && full.isClean)
            #expect(full.accounts.first?.messages == 0)
            #expect(try !Self.folders(rig).contains(Self.folder))
        }
    }

    @Test("A mailbox with no message within the limit is named, and is not sound: nothing of it was tried")
    func onlyLarge() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 2)
            let report = try await Self.run(rig, RehearsalPlan(folder: Self.folder, bytes: ByteCount(100)))
            #expect(!report.isSound && report.isClean && !report.isUnreachable)
            #expect(
                report.accounts.first?.problem?.hasPrefix("nothing of \(Self.user) was tried: of its first 2") == true)
            // One that is too large does not keep those behind it from being tried.
            _ = try await rig.accept(ReplayRig.text(9, octets: 200_000), to: [Self.user])
            try rig.ledger.catchUp()
            let some = try await Self.run(rig, RehearsalPlan(folder: Self.folder, bytes: ByteCount(100_000)))
            #expect(some.accounts.map(\.messages) == [2] && some.isSound, "\(some.accounts)")
        }
    }

    @Test("The forecast keeps to the rate that was ordered")
    func orderedRate() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 30)
            try await rig.journal.append([.throttled(Throttle(target: "t", messagesPerSecond: 1), why: "")])
            try rig.ledger.catchUp()
            let report = try await Self.run(rig, RehearsalPlan(folder: Self.folder, messages: 3))
            let forecast = try #require(report.forecasts.first)
            #expect((forecast.time, forecast.messagesPerSecond) == (.seconds(30), 1), "\(forecast)")
        }
    }

    @Test("What the server would refuse is told by message; the others are copied")
    func refusals() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 10_000_000, largestMessage: 100_000)) { rig in
            var messages = try await Self.hold(rig, [Self.user], messages: 6)
            messages.append(try await rig.accept(ReplayRig.text(9, octets: 200_000), to: [Self.user]))
            messages.append(try await rig.accept(ReplayRig.text(10), to: [Self.user]))
            try rig.ledger.catchUp()
            let report = try await Self.run(rig)
            let account = try #require(report.accounts.first)
            #expect((account.verified, account.refused) == (7, 1) && report.isClean && !report.isSound)
            #expect(account.refusals.first?.hasPrefix(messages[6].id.description) == true, "\(account.refusals)")
            try rig.expectProof(verified: 0, held: 8)
        }
    }

    @Test("All copies can go to one test account, and the mailboxes' own are not even logged in to")
    func testAccount() async throws {
        try await ReplayRig.run { rig in
            let users = [Self.user, "v@example.test"]
            _ = try await Self.hold(rig, users, messages: 4)
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            let report = try await Self.run(
                rig, RehearsalPlan(folder: Self.folder, account: "tester@example.test"),
                target: try rig.target(port: proxy.port))
            #expect(report.accounts.map(\.login) == ["tester@example.test"] && report.accounts.map(\.verified) == [8])
            #expect(report.isClean && proxy.logins.keys.sorted() == ["tester@example.test"])
            #expect(try !Self.folders(rig, "tester@example.test").contains(Self.folder))
            await proxy.close()
        }
    }

    @Test("A mailbox that somebody works on is left out")
    func busy() async throws {
        try await ReplayRig.run { rig in
            _ = try await Self.hold(rig, [Self.user], messages: 1)
            let name = LockName.mailbox(target: "t", login: Self.user)
            let lock = try #require(try SpoolLock.acquire(layout: rig.layout, name: name, wait: false))
            let report = try await Self.run(rig)
            lock.release()
            #expect(report.accounts.first?.problem?.contains("another process") == true && report.isClean)
        }
    }
}
