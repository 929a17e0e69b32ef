import Ledger
import Replayer
import TestKit
import Testing

/// Exactly once into a server that behaves as Zimbra was read to.
@Suite(.timeLimit(.minutes(10)))
struct ZimbraTests {
    @Test("Batches with gaps between their UIDs are delivered in order and verified octet for octet")
    func plain() async throws {
        try await ZimbraRig.run { site in
            let messages = try await site.accept(45)
            let report = try await site.replay()
            #expect(report.problems.isEmpty)
            site.expect(messages)
            try site.rig.expectProof(verified: 45)
        }
    }

    @Test("Sixty messages of equal size and second do not run into the throttle of equal commands")
    func equalMessages() async throws {
        try await ZimbraRig.run { site in
            let text = ReplayRig.text(1)
            var messages: [ReplayRig.Accepted] = []
            for _ in 0..<60 { messages.append(try await site.rig.accept(text, to: [ZimbraRig.user])) }
            try await site.rig.cutOver([ReplayRig.mailbox(ZimbraRig.user)])
            _ = try await site.replay()
            site.expect(messages)
            #expect(site.zimbra.farewells == 0)
        }
    }

    @Test(
        "Without UIDPLUS, MULTIAPPEND or LITERAL+, and behind nginx, every message arrives once",
        arguments: [["UIDPLUS"], ["MULTIAPPEND"], ["LITERAL+"], ["UIDPLUS", "MULTIAPPEND", "LITERAL+", "QUOTA", "ID"]])
    func withoutExtensions(_ names: [String]) async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = Set(names)
        settings.proxyCapabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR"
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(12)
            let report = try await site.replay()
            #expect(report.problems.isEmpty)
            site.expect(messages)
            try site.rig.expectProof(verified: 12)
        }
    }

    static let faults: [ZimbraFault] = [
        .diesBeforeToken(afterOctets: 1), .diesBeforeToken(afterOctets: 700), .diesBeforeStore, .diesAfterStore,
        .losesOK, .zombie(milliseconds: 300), .serviceException(at: 0), .serviceException(at: 5),
        .runtimeException(at: 0), .runtimeException(at: 5), .crash(at: 1), .crash(at: 9),
    ]

    /// Messages that were taken back, or never stored, leave the same holes as those that a user removed: IMAP cannot tell.
    @Test("A fault around the token leaves one copy of each message", arguments: faults.indices)
    func fault(_ number: Int) async throws {
        try await ZimbraRig.run { site in
            let messages = try await site.accept(25)
            site.zimbra.plan([nil, Self.faults[number]], for: ZimbraRig.user)
            for _ in 0..<6 where try await site.replay(settle: .seconds(2), reply: .seconds(3)).held > 0 {}
            site.expect(messages, ordered: false)
            let proof = try site.rig.ledger.prove()
            #expect(proof.isBalanced && proof.counts.verified == 25 && proof.counts.held + proof.counts.failed == 0)
        }
    }

    @Test(
        "Ids that other folders consumed make holes; messages that were not stored are sent again, and counted as doubtful"
    )
    func holes() async throws {
        var settings = ZimbraSettings()
        settings.idsBetweenMessages = { _ in 3 }
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(10)
            site.zimbra.plan([.crash(at: 4)], for: ZimbraRig.user)
            for _ in 0..<6 where try await site.replay(settle: .seconds(1), reply: .seconds(3)).held > 0 {}
            site.expect(messages, ordered: false)
            #expect(try site.rig.ledger.prove().isBalanced)
        }
    }

    @Test(
        "A batch that the server has refused is sent again in parts, and nothing of it is doubtful, whatever gaps its UIDs have",
        arguments: [0, 3, 9])
    func refusedIsNotDoubtful(at message: Int) async throws {
        try await ZimbraRig.run { site in
            let messages = try await site.accept(25)
            site.zimbra.plan([nil, .serviceException(at: message)], for: ZimbraRig.user)
            _ = try await site.replay()
            site.expect(messages, ordered: false)
            try site.rig.expectProof(verified: 25)
        }
    }

    @Test(
        "Accounts that are shut, however many come first, keep nobody else's mail, and a second replay begins with the others"
    )
    func shutAccountsFirst() async throws {
        var settings = ZimbraSettings()
        let shut = (0..<24).map { "a\($0)@example.test" }
        for (number, user) in shut.enumerated() {
            settings.accounts[user] = number % 2 == 0 ? .withoutIMAP : .maintenance
        }
        try await ZimbraRig.run(settings) { site in
            let open = (0..<4).map { "z\($0)@example.test" }
            for user in shut + open { try await site.rig.accept(ReplayRig.text(1), to: [user]) }
            try await site.rig.cutOver((shut + open).map { ReplayRig.mailbox($0) })
            let report = try await site.replay()
            #expect(report.counts.delivered == 4)
            #expect(Set(report.problems.map(\.error.code)) == [.noAccess, .maintenance])
            #expect(report.problems.count == 24)
            try site.rig.expectProof(verified: 4, held: 24)
        }
    }

    @Test("A hidden quota of the domain stops the mailbox and parks none of its messages, however often it is tried")
    func hiddenDomainQuota() async throws {
        var settings = ZimbraSettings()
        settings.domainQuota = 100
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(8)
            for _ in 0..<2 {
                let report = try await site.replay()
                #expect(report.problems.map(\.error.code) == [.refused])
                try site.rig.expectProof(verified: 0, held: 8)
            }
        }
    }

    @Test("A full quota without words is found by asking for it; it stops the mailbox and parks nothing")
    func quota() async throws {
        var settings = ZimbraSettings()
        settings.quota = 20_000
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(8, octets: 5000)
            let report = try await site.replay()
            #expect(report.problems.map(\.error.code) == [.overQuota])
            #expect(report.failed == 0)
            #expect(try site.rig.ledger.prove().isBalanced)
        }
    }

    @Test("An oversize message parks itself, announced or not; the others go")
    func oversize() async throws {
        var settings = ZimbraSettings()
        settings.maximumMessageSize = 50_000
        for disabled: Set<String> in [[], ["LITERAL+"]] {
            settings.disabledCapabilities = disabled
            try await ZimbraRig.run(settings) { site in
                let small = try await site.accept(3)
                try await site.rig.accept(ReplayRig.text(9, octets: 80_000), to: [ZimbraRig.user])
                let last = try await site.rig.accept(ReplayRig.text(10), to: [ZimbraRig.user])
                _ = try await site.replay()
                site.expect(small + [last])
                try site.rig.expectProof(verified: 4, failed: 1)
            }
        }
    }

    @Test("A message that is refused without a reason is tried again, in its place")
    func passingRefusal() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([nil, .refuses, .refuses], for: ZimbraRig.user)
            _ = try await site.replay()
            site.expect(messages)
            try site.rig.expectProof(verified: 3)
        }
    }

    @Test("A replay that is told to stop does not wait a pause out, and parks nothing")
    func stoppedInAPause() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(2)
            site.zimbra.plan([nil, .refuses], for: ZimbraRig.user)
            let engine = try site.engine(pausesAfterRefusal: [.seconds(3600)])
            async let report = engine.replayOnce(ReplaySelection())
            while site.zimbra.count("APPEND") < 2 { try await Task.sleep(for: .milliseconds(5)) }
            engine.stopSoon()
            #expect(try await report.failed == 0)
            site.expect([messages[0]])
            try site.rig.expectProof(verified: 1, held: 1)
        }
    }

    @Test("A message that is refused without a reason every time parks itself; the next goes")
    func poison() async throws {
        var settings = ZimbraSettings()
        settings.disabledCapabilities = ["MULTIAPPEND"]
        try await ZimbraRig.run(settings) { site in
            let messages = try await site.accept(3)
            site.zimbra.plan([nil, .refuses, .refuses, .refuses], for: ZimbraRig.user)
            _ = try await site.replay()
            site.expect([messages[0], messages[2]])
            try site.rig.expectProof(verified: 2, failed: 1)
        }
    }

    static let closedAccounts: [ZimbraSettings.AccountState] = [
        .withoutIMAP, .maintenance, .passwordMustBeChanged, .elsewhere(host: "store2.test"), .forbiddenToAdmin,
    ]

    @Test(
        "An account that cannot be entered stops itself only, is tried once, and says why",
        arguments: closedAccounts.indices)
    func closedAccount(_ number: Int) async throws {
        var settings = ZimbraSettings()
        settings.accounts[ZimbraRig.user] = Self.closedAccounts[number]
        try await ZimbraRig.run(settings) { site in
            _ = try await site.accept(2)
            let other = try await site.rig.accept(ReplayRig.text(1), to: ["other@example.test"])
            try await site.rig.cutOver([ReplayRig.mailbox("other@example.test")])
            let report = try await site.replay()
            #expect(report.problems.count == 1 && report.failed == 0)
            #expect(site.zimbra.count("AUTHENTICATE") <= 3)
            site.expect([other], in: "other@example.test")
            try site.rig.expectProof(verified: 1, held: 2)
        }
    }

    @Test(
        "A message that its reader moved before the look is sent again and counted as doubtful, or found where it went")
    func moved() async throws {
        try await ZimbraRig.run { site in
            _ = try await site.accept(3)
            site.zimbra.plan([.diesAfterStore], for: ZimbraRig.user)
            async let first = site.replay(settle: .seconds(2))
            try await site.untilStored(3)
            site.zimbra.move(ZimbraRig.user, at: 0, to: "Trash")
            _ = try await first
            for _ in 0..<4 where try await site.replay(settle: .seconds(1)).held > 0 {}
            let proof = try site.rig.ledger.prove()
            let copies =
                site.zimbra.messages(ZimbraRig.user).count + site.zimbra.messages(ZimbraRig.user, in: "Trash").count
            #expect(proof.isBalanced && proof.counts.held == 0)
            // Every copy too many is in the count.
            #expect(copies - 3 <= proof.counts.doubtful)
        }
    }

    @Test("A folder of the roster is made where it is missing")
    func folder() async throws {
        try await ZimbraRig.run { site in
            let message = try await site.rig.accept(ReplayRig.text(1), to: [ZimbraRig.user])
            try await site.rig.cutOver([ReplayRig.mailbox(ZimbraRig.user, folder: "Migrated/Würde")])
            let report = try await site.replay()
            #expect(report.problems.isEmpty)
            site.expect([message], folder: "Migrated/W&APw-rde")
        }
    }
}
