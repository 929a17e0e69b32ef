import Logging
import MailModel
import NIOCore
import Spool
import Testing

@testable import Receiver

@Suite("Counting refused recipients", .timeLimit(.minutes(10)))
struct RefusedRecipientsTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func note(
        _ counts: RefusedRecipients, _ recipient: String, from sender: String = "a@sender.test",
        client: String = "192.0.2.1", at now: Timestamp = now
    ) throws {
        let network = ClientNetwork(try SocketAddress(ipAddress: client, port: 4000))
        counts.note(
            try #require(MailAddress(recipient)), from: sender, client: client, network: network, isTemporary: false,
            now: now)
    }

    private func stored(_ counts: RefusedRecipients, _ spool: TestSpool) throws -> RefusedRecipientsFile {
        try counts.flush(layout: spool.layout, fileSystem: POSIXFileSystem())
        return try #require(try RefusedRecipientsFile.read(layout: spool.layout))
    }

    @Test("A sweep through guessed names pushes out none that several ask for, and the list stays bounded")
    func sweep() throws {
        var limits = ReceiverLimits()
        limits.refusedRemembered = 100
        limits.refusedNewNames = 1_000
        let counts = RefusedRecipients(limits: limits)
        let spool = try TestSpool()
        for client in ["198.51.100.1", "203.0.113.1"] { try note(counts, "Sales@example.com", client: client) }
        for round in 0..<20 {
            for index in 0..<300 {
                try note(counts, "guess\(round)-\(index)@example.com", client: "192.0.\(round).\(index % 200)")
            }
            #expect(counts.counts.listed <= 200)
            let file = try stored(counts, spool)
            #expect(file.recipients.count <= 100)
            #expect(file.recipients["sales@example.com"]?.clients.count == 2)
        }
        let file = try stored(counts, spool)
        let attempts = file.recipients.values.reduce(0) { $0 + $1.rejected } + file.unlisted
        #expect(attempts == 6_002, "every attempt is counted, by name or not")
    }

    @Test("One network brings in so many new names a day; those that are known go on being counted")
    func newNames() throws {
        var limits = ReceiverLimits()
        limits.refusedNewNames = 3
        let counts = RefusedRecipients(limits: limits)
        for index in 0..<10 { try note(counts, "n\(index)@example.com", client: "192.0.2.\(index)") }
        #expect(counts.counts == (listed: 3, unlisted: 7))
        try note(counts, "n0@example.com")
        try note(counts, "other@example.com", client: "198.51.100.1")
        #expect(counts.counts == (listed: 4, unlisted: 7))
        try note(counts, "n5@example.com", at: Timestamp(milliseconds: Self.now.milliseconds + 86_400_000))
        #expect(counts.counts == (listed: 5, unlisted: 7))
    }

    @Test("A refused session's recipients are counted over a restart, and a new roster counts without one")
    func session() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.unknownRecipients = .reject
        let spool = try TestSpool()
        try spool.writeRoster(["anna@example.com"])
        for round in 1...2 {
            let receiver = try await RunningReceiver.start(configuration, spool: spool)
            let client = try await SMTPTestClient.connect(to: receiver.address)
            _ = await client.reply()
            try await client.command("EHLO c.test")
            try await client.command("MAIL FROM:<boss@sender.test>")
            #expect(try await client.command("RCPT TO:<Sales@example.com>")?.hasPrefix("550 5.1.1") == true)
            #expect(try await client.command("RCPT TO:<x@elsewhere.test>")?.hasPrefix("550 5.7.1") == true)
            #expect(try await client.command("RCPT TO:<anna@example.com>")?.hasPrefix("250") == true)
            if round == 2 {
                try spool.writeRoster(["anna@example.com", "sales@example.com"])
                while try await client.command("RCPT TO:<sales@example.com>")?.hasPrefix("250") != true {
                    try Task.checkCancellation()
                    try await client.command("RSET")
                    try await client.command("MAIL FROM:<boss@sender.test>")
                    await receiver.service.reload()
                }
            }
            try await client.command("QUIT")
            try await receiver.stop()
            let file = try #require(try RefusedRecipientsFile.read(layout: spool.layout))
            #expect(Array(file.recipients.keys) == ["sales@example.com"])
            let entry = try #require(file.recipients["sales@example.com"])
            #expect(entry.rejected >= round && entry.deferred == 0 && entry.lastSender == "boss@sender.test")
        }
    }
}
