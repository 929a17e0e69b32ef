import MailModel
import NIOPosix
import TestKit
import Testing

@testable import Replayer

/// What Zimbra says of accounts that will not take their mail.
@Suite(.timeLimit(.minutes(10)))
struct ZimbraCheckTests {
    @Test("An account without IMAP, in maintenance, or with a full quota is named with the server's words")
    func accounts() async throws {
        var settings = ZimbraSettings()
        settings.accounts = ["off@example.test": .withoutIMAP, "busy@example.test": .maintenance]
        settings.quota = 10_240
        try await ZimbraRig.run(settings) { rig in
            let target = try rig.target()
            let subjects = ["busy", "full", "off", "ok"].map { name in
                CheckSubject(
                    mailbox: ReplayRig.mailbox("\(name)@example.test"), held: 1,
                    heldBytes: name == "full" ? 20_000 : 100,
                    largest: 100)
            }
            let report = await WaveCheck(targets: ["t": target], group: MultiThreadedEventLoopGroup.singleton)
                .run(subjects, now: .now())
            #expect(
                report.findings.map { $0.mailbox ?? "" } == [
                    "busy@example.test", "full@example.test", "off@example.test",
                ], "\(report.findings)")
            #expect(report.findings[0].words.contains("maintenance"))
            #expect(report.findings[1].errorClass == "over-quota")
            #expect(report.findings[2].words.contains("IMAP access"))
            #expect(report.targets.first?.server?.contains("Zimbra") == true)
        }
    }

    @Test("A folder of the roster that Zimbra will not make is found before the weekend")
    func folder() async throws {
        try await ZimbraRig.run { rig in
            let folders = ["a": "Contacts/Old", "b": "Old: mail", "c": "Old mail"]
            let subjects = folders.sorted { $0.key < $1.key }.map { name, folder in
                CheckSubject(
                    mailbox: ReplayRig.mailbox("\(name)@example.test", folder: folder), held: 1, heldBytes: 100,
                    largest: 100)
            }
            let report = await WaveCheck(
                targets: ["t": try rig.target()], group: MultiThreadedEventLoopGroup.singleton
            ).run(subjects, now: .now())
            #expect(report.findings.map { $0.mailbox ?? "" } == ["a@example.test", "b@example.test"])
            #expect(report.findings.allSatisfy { $0.errorClass == "no-mailbox" })
        }
    }
}
