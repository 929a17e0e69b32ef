import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Receiver

@Suite("What the DNS knows of clients", .timeLimit(.minutes(10)))
struct ClientLookupTests {
    private func lookup(
        _ server: ScriptedNameServer, zones: [(String, Int)] = [], threshold: Int = 10, wait: TimeAmount = .seconds(20),
        asksNames: Bool = true, questions: [DNSPurpose: Int] = DNSClient.Limits().questions,
        onUnasked: @escaping @Sendable (DNSPurpose, Bool) -> Void = { _, _ in }
    ) -> ClientLookup {
        var limits = DNSClient.Limits()
        limits.timeout = .seconds(20)
        limits.questions = questions
        return ClientLookup(
            dns: DNSClient(server: server.address, limits: limits, onUnasked: onUnasked),
            blocklists: BlocklistConfiguration(
                zones: zones.map { .init(name: $0.0, weight: $0.1) }, threshold: threshold, wait: wait),
            asksNames: asksNames)
    }

    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func bits(_ text: String) throws -> IPAddressBits {
        try #require(IPAddressBits(SocketAddress(ipAddress: text, port: 0)))
    }

    @Test("Weights add up; a list that errs, that may not be asked or that fails lists nobody")
    func weights() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.light.test": .addresses([[127, 0, 0, 2]]), "1.2.0.192.heavy.test": .addresses([[127, 0, 0, 9]]),
            "1.2.0.192.refusing.test": .addresses([[127, 255, 255, 254]]),
            "1.2.0.192.wildcard.test": .addresses([[127, 0, 0, 1]]),
            "1.2.0.192.parked.test": .addresses([[203, 0, 113, 1]]), "1.2.0.192.broken.test": .failure,
        ])
        let client = try bits("192.0.2.1")
        func listing(_ zones: [(String, Int)]) async throws -> String? {
            let lookup = lookup(server, zones: zones)
            return try await Self.loop.flatSubmit { lookup.listing(of: client, on: Self.loop) }.get()
        }
        #expect(try await listing([("heavy.test", 10)]) == "heavy.test")
        #expect(try await listing([("light.test", 4), ("heavy.test", 6), ("none.test", 9)]) == "heavy.test")
        #expect(try await listing([("light.test", 9), ("none.test", 10)]) == nil)
        for zone in ["refusing.test", "wildcard.test", "parked.test", "broken.test", "none.test"] {
            #expect(try await listing([(zone, 10)]) == nil, "\(zone)")
        }
        try await server.stop()
    }

    @Test("A list that does not answer holds nobody up longer than the time that is named, and lists nobody")
    func silent() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.silent.test": .silence, "1.2.0.192.heavy.test": .addresses([[127, 0, 0, 2]]),
        ])
        let client = try bits("192.0.2.1")
        let silent = lookup(server, zones: [("silent.test", 10)], wait: .milliseconds(20))
        #expect(try await Self.loop.flatSubmit { silent.listing(of: client, on: Self.loop) }.get() == nil)
        try await server.stop()
    }

    @Test(
        "An answer of more than 512 octets is read whole, one that was cut off is none, and a server without EDNS is asked again"
    )
    func size() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.large.test": .large(60), "1.2.0.192.cut.test": .cutOff, "1.2.0.192.old.test": .withoutEDNS,
        ])
        for (zone, isListed) in [("large.test", true), ("cut.test", false), ("old.test", true)] {
            let lookup = lookup(server, zones: [(zone, 1)], threshold: 1)
            let client = try bits("192.0.2.1")
            let listing = try await Self.loop.flatSubmit { lookup.listing(of: client, on: Self.loop) }.get()
            #expect(listing == (isListed ? zone : nil), "\(zone)")
        }
        try await server.stop()
    }

    @Test("A name counts only where it has the address that has it")
    func names() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.in-addr.arpa": .name("mail.sender.test"), "mail.sender.test": .addresses([[192, 0, 2, 1]]),
            "2.2.0.192.in-addr.arpa": .name("mail.sender.test"), "3.2.0.192.in-addr.arpa": .name("nobody.test"),
        ])
        let lookup = lookup(server)
        for (client, name) in [
            ("192.0.2.1", "mail.sender.test"), ("192.0.2.2", nil), ("192.0.2.3", nil), ("192.0.2.4", nil),
        ] {
            #expect(try await lookup.name(of: bits(client), on: Self.loop).get() == name, "\(client)")
        }
        let asked = server.questions
        #expect(try await lookup.name(of: bits("192.0.2.1"), on: Self.loop).get() == "mail.sender.test")
        #expect(server.questions == asked, "answers are remembered")
        try await server.stop()
    }

    @Test(
        "Names that nobody answers for keep no blocklist from being asked; what is not asked is told, its beginning once"
    )
    func separatePlaces() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.in-addr.arpa": .held("mail.sender.test"), "2.2.0.192.in-addr.arpa": .held("mail.sender.test"),
            "9.2.0.192.heavy.test": .addresses([[127, 0, 0, 2]]),
        ])
        let unasked = Mutex<[String]>([])
        let lookup = lookup(server, zones: [("heavy.test", 10)], questions: [.blocklists: 1, .names: 2]) {
            purpose, isFirst in unasked.withLock { $0.append("\(purpose) \(isFirst)") }
        }
        let held = try ["192.0.2.1", "192.0.2.2"].map { lookup.name(of: try bits($0), on: Self.loop) }
        for address in ["192.0.2.3", "192.0.2.4"] {
            #expect(try await lookup.name(of: bits(address), on: Self.loop).get() == nil)
        }
        #expect(unasked.withLock { $0 } == ["names true", "names false"])
        let client = try bits("192.0.2.9")
        #expect(try await Self.loop.flatSubmit { lookup.listing(of: client, on: Self.loop) }.get() == "heavy.test")
        while server.held < 2 { await Task.yield() }
        try await server.release()
        for name in held { _ = try await name.get() }
        #expect(try await lookup.name(of: bits("192.0.2.3"), on: Self.loop).get() == nil)
        #expect(unasked.withLock { $0.count } == 2, "places that come free are used again")
        try await server.stop()
    }

    @Test("Where there are too many lists to ask at once, the metrics and one line of the log say so")
    func unaskedLists() async throws {
        let server = try await ScriptedNameServer.start([:])
        var configuration = ReceiverFixture.configuration()
        configuration.proxyNetworks = [try #require(IPNetwork("127.0.0.0/8"))]
        let count = (DNSClient.Limits().questions[.blocklists] ?? 0) + 8
        configuration.blocklists = BlocklistConfiguration(
            zones: (0..<count).map { .init(name: "list\($0).test", weight: 1) }, wait: .seconds(60))
        configuration.nameServer = .init(host: "127.0.0.1", port: try #require(server.address.port))
        let log = RecordedLog()
        let receiver = try await RunningReceiver.start(configuration, logger: log.logger)
        let client = try await SMTPTestClient.connect(to: receiver.address)
        try await client.send("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\n")
        #expect(await client.reply()?.hasPrefix("220") == true)
        let unasked = receiver.service.statistics.snapshot.unaskedQuestions
        #expect((unasked["blocklists"] ?? 0) > 0 && unasked["names"] == 0)
        let lines = log.lines("the DNS is not asked about every client: too many questions wait for an answer")
        #expect(lines.map(\.level) == [.warning] && lines.first?.metadata["for"] == "blocklists")
        await client.close()
        try await receiver.stop()
        try await server.stop()
    }

    @Test(
        "A listed client is refused at RCPT with 554 and the zone but reaches postmaster; a confirmed name stands in Received:"
    )
    func session() async throws {
        let server = try await ScriptedNameServer.start([
            "1.2.0.192.heavy.test": .addresses([[127, 0, 0, 2]]), "9.2.0.192.in-addr.arpa": .name("mail.sender.test"),
            "mail.sender.test": .addresses([[192, 0, 2, 9]]),
        ])
        var configuration = ReceiverFixture.configuration()
        configuration.proxyNetworks = [try #require(IPNetwork("127.0.0.0/8"))]
        configuration.blocklists = BlocklistConfiguration(
            zones: [.init(name: "heavy.test", weight: 1)], wait: .seconds(20))
        configuration.asksClientNames = true
        configuration.nameServer = .init(host: "127.0.0.1", port: try #require(server.address.port))
        let receiver = try await RunningReceiver.start(configuration)
        let (listed, clean) = (
            try await SMTPTestClient.connect(to: receiver.address),
            try await SMTPTestClient.connect(to: receiver.address)
        )
        try await listed.send("PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\n")
        #expect(await listed.reply()?.hasPrefix("220") == true)
        try await listed.command("EHLO c.test")
        try await listed.command("MAIL FROM:<a@sender.test>")
        let refusal = try await listed.command("RCPT TO:<u@example.com>")
        #expect(refusal?.hasPrefix("554 5.7.1") == true && refusal?.contains("heavy.test") == true)
        for address in ["Postmaster", "postmaster@example.fr", "ABUSE@old.example"] {
            #expect(try await listed.command("RCPT TO:<\(address)>")?.hasPrefix("250") == true, "\(address)")
        }
        #expect(try await listed.command("RCPT TO:<postmaster@elsewhere.test>")?.hasPrefix("554 5.7.1") == true)
        try await listed.command("QUIT")
        try await clean.send("PROXY TCP4 192.0.2.9 198.51.100.2 1 25\r\n")
        try await clean.beginMessage()
        #expect(try await clean.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
        try await receiver.stop()
        let stored = try #require(try receiver.spool.messages().first)
        // The name may come too late for this message; where it came it is the right one.
        #expect(stored.text.contains("[192.0.2.9])"))
        #expect(!stored.text.contains("(mail.") || stored.text.contains("(mail.sender.test [192.0.2.9])"))
        try await server.stop()
    }
}
