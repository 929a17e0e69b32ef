import Foundation
import Ledger
import MailModel
import NIOPosix
import Spool
import SystemTLS
import TestKit
import Testing

@testable import Replayer

/// What is found before the weekend, at the real Dovecot.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct WaveCheckTests {
    static let user = "u@example.test"

    private func subject(
        _ user: String = user, folder: String = "INBOX", held: Int = 1, bytes: Int = 1_000, largest: Int = 1_000
    ) -> CheckSubject {
        CheckSubject(
            mailbox: ReplayRig.mailbox(user, folder: folder), held: held, heldBytes: bytes, largest: largest)
    }

    private func check(_ target: ReplayTarget, _ subjects: [CheckSubject]) async -> CheckReport {
        await WaveCheck(targets: ["t": target], group: MultiThreadedEventLoopGroup.singleton)
            .run(subjects, now: .now())
    }

    @Test("Mailboxes that will take their mail are sound, and nothing is changed in them")
    func sound() async throws {
        try await ReplayRig.run(settings: ThrowawayDovecot.quota(bytes: 100_000)) { rig in
            let subjects = (0..<12).map { subject("u\($0)@example.test") } + [subject(folder: "Not/There/Yet")]
            let report = await check(try rig.target(), subjects)
            #expect(!report.hasFailures && report.findings.isEmpty, "\(report.findings)")
            let target = try #require(report.targets.first)
            #expect((target.tried, target.sound, target.notTried) == (13, 13, 0))
            #expect(target.server?.contains("Dovecot") == true)
            let listed = String(decoding: try rig.dovecot.doveadm(["mailbox", "list", "-u", Self.user]), as: UTF8.self)
            #expect(!listed.contains("Not"), "\(listed)")
        }
    }

    @Test("Who will fail is named with the reason: quota in octets, quota in messages, size")
    func room() async throws {
        let settings = ThrowawayDovecot.quota(bytes: 50_000).replacing(
            "quota_rule = *:bytes=50000", with: "quota_rule = *:bytes=50000:messages=5")
        try await ReplayRig.run(settings: settings) { rig in
            let plain = try rig.target()
            let target = ReplayTarget(
                name: "t", endpoint: plain.endpoint, kind: .dovecot, credentials: plain.credentials, connections: 4,
                settle: .seconds(1), maximumMessageSize: ByteCount(30_000))
            let report = await check(
                target,
                [
                    subject("big@example.test", bytes: 60_000), subject("many@example.test", held: 6),
                    subject("large@example.test", bytes: 30_000, largest: 29_500), subject("fine@example.test"),
                ])
            #expect(
                report.findings.map { [$0.mailbox ?? "", $0.errorClass] } == [
                    ["big@example.test", "over-quota"], ["large@example.test", "too-big"],
                    ["many@example.test", "over-quota"],
                ], "\(report.findings)")
            #expect(report.failing == 3 && report.targets.first?.sound == 1)
            #expect(report.findings[2].words.contains("6 messages") && report.findings[0].words.contains("58.7 KiB"))
        }
    }

    @Test("A target that is down is one finding, whatever the number of its mailboxes, found by one login")
    func down() async throws {
        try await ReplayRig.run { rig in
            let target = try rig.target()
            rig.dovecot.stop()
            let report = await check(target, (0..<200).map { subject("u\($0)@example.test") })
            #expect(report.findings.count == 1 && report.findings.first?.mailbox == nil)
            #expect(report.findings.first?.errorClass == "unavailable" && report.findings.first?.mailboxes == 200)
            #expect((report.targets.first?.tried, report.targets.first?.notTried) == (1, 199))
            #expect((report.failing, report.mailboxes) == (200, 200))
        }
    }

    @Test("A wrong master password is found by few logins, never two for one mailbox, and told once")
    func wrongMasterPassword() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            let target = try rig.target(port: proxy.port, connections: 4, password: "wrong")
            let report = await check(target, (0..<200).map { subject("u\($0)@example.test") })
            #expect(report.findings.map(\.errorClass) == ["credentials"] && report.findings.first?.mailboxes == 200)
            #expect((report.failing, report.mailboxes) == (200, 200))
            #expect(proxy.logins.values.allSatisfy { $0 == 1 } && proxy.logins.count <= 14, "\(proxy.logins.count)")
            await proxy.close()
        }
    }

    @Test("With a password for each user, who has a wrong one or none is named, each tried once")
    func passwords() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            let file = rig.layout.directory + "/passwords"
            try Data("good@example.test test\nbad@example.test wrong\n".utf8).write(to: URL(filePath: file))
            let target = ReplayTarget(
                name: "t", endpoint: IMAPEndpoint(host: "127.0.0.1", port: proxy.port, security: .none), kind: .dovecot,
                credentials: TargetCredentials(method: .passwords, passwordFile: file), connections: 2,
                settle: .seconds(1))
            let report = await check(target, ["good", "bad", "none"].map { subject("\($0)@example.test") })
            #expect(report.findings.map(\.mailbox) == ["bad@example.test", "none@example.test"])
            #expect(report.findings.allSatisfy { $0.errorClass == "credentials" })
            #expect(report.findings[1].words.contains("no line for none@example.test"))
            #expect(proxy.logins == ["good@example.test": 1, "bad@example.test": 1])
            await proxy.close()
        }
    }

    @Test("As many connections as the target may have at once, and no more")
    func connections() async throws {
        try await ReplayRig.run { rig in
            let proxy = try await IMAPFaultProxy(to: rig.dovecot.port) { _, _ in .none }
            _ = await check(
                try rig.target(port: proxy.port, connections: 3), (0..<30).map { subject("u\($0)@example.test") })
            #expect((2...3).contains(proxy.mostAtOnce), "\(proxy.mostAtOnce)")
            await proxy.close()
        }
    }

    @Test("The certificate is told with its days; one that nobody trusts stops at the first mailbox")
    func certificate() async throws {
        let dovecot = try ThrowawayDovecot(tls: true)
        defer { dovecot.remove() }
        try dovecot.start()
        try await ReplayRig.run(dovecot) { rig in
            let good = await check(
                try rig.secureTarget(trust: .file(dovecot.authorityFile)), [subject(), subject("v@example.test")])
            #expect(!good.hasFailures && good.findings.map(\.errorClass) == ["certificate"], "\(good.findings)")
            #expect(
                good.findings.first?.isWarning == true
                    && good.findings.first?.words.contains("the certificate ends on") == true)
            #expect(good.targets.first?.certificateEnds != nil)
            let bad = await check(try rig.secureTarget(trust: .system), [subject(), subject("v@example.test")])
            #expect(bad.findings.map(\.errorClass) == ["untrusted"] && bad.hasFailures, "\(bad.findings)")
            #expect(bad.targets.first?.tried == 1)
        }
    }

    @Test("Mailboxes whose target nobody has configured are one finding")
    func noTarget() async throws {
        let report = await WaveCheck(targets: [:], group: MultiThreadedEventLoopGroup.singleton)
            .run([subject(), subject("v@example.test")], now: .now())
        #expect(report.findings.map(\.errorClass) == ["no-target"] && report.findings.first?.mailboxes == 2)
    }
}
