import NIOCore
import Testing

@testable import Receiver

@Suite("What the DNS knows of clients that a gateway names", .timeLimit(.minutes(10)))
struct NamedClientTests {
    private func start(
        _ server: ScriptedNameServer, zones: [String], _ limits: ReceiverLimits = ReceiverLimits()
    ) async throws -> RunningReceiver {
        var configuration = ReceiverFixture.configuration(limits)
        // The gateway's own address is no loopback one, so that the DNS is asked of it too.
        configuration.proxyNetworks = ["127.0.0.0/8"].compactMap(IPNetwork.init)
        configuration.xclientNetworks = ["192.0.2.0/24"].compactMap(IPNetwork.init)
        configuration.blocklists = BlocklistConfiguration(
            zones: zones.map { .init(name: $0, weight: 1) }, wait: .seconds(60))
        configuration.asksClientNames = true
        configuration.nameServer = .init(host: "127.0.0.1", port: try #require(server.address.port))
        return try await RunningReceiver.start(configuration)
    }

    private func gateway(_ receiver: RunningReceiver) async throws -> SMTPTestClient {
        let client = try await SMTPTestClient.connect(to: receiver.address)
        try await client.send("PROXY TCP4 192.0.2.200 198.51.100.2 1 25\r\n")
        #expect(await client.reply()?.hasPrefix("220") == true)
        return client
    }

    @Test("Blocklists are asked for the client of XCLIENT; the one after it is judged by itself")
    func blocklists() async throws {
        let server = try await ScriptedNameServer.start(["1.100.51.198.heavy.test": .addresses([[127, 0, 0, 2]])])
        let receiver = try await start(server, zones: ["heavy.test"])
        let client = try await gateway(receiver)
        for (address, code) in [("198.51.100.1", "554 5.7.1"), ("198.51.100.2", "250"), ("198.51.100.1", "554")] {
            #expect(try await client.command("XCLIENT ADDR=\(address)")?.hasPrefix("220") == true)
            try await client.command("EHLO c.test")
            try await client.command("MAIL FROM:<a@b.test>")
            #expect(try await client.command("RCPT TO:<u@example.com>")?.hasPrefix(code) == true, "\(address)")
            try await client.command("RSET")
        }
        await client.close()
        try await receiver.stop()
        try await server.stop()
    }

    @Test(
        "A gateway has its banner though lists name it, or say nothing, and no limit of one client; those whom it names have both"
    )
    func gatewayItself() async throws {
        let server = try await ScriptedNameServer.start([
            "200.2.0.192.heavy.test": .addresses([[127, 0, 0, 2]]), "200.2.0.192.silent.test": .silence,
            "1.100.51.198.heavy.test": .addresses([[127, 0, 0, 2]]),
        ])
        var limits = ReceiverLimits()
        (limits.sessionsPerClient, limits.sessionsPerNetwork, limits.connectionsPerMinute) = (1, 1, 2)
        let receiver = try await start(server, zones: ["heavy.test", "silent.test"], limits)
        let gateways = [
            try await gateway(receiver), try await gateway(receiver), try await gateway(receiver),
            try await gateway(receiver),
        ]
        // Its own mail is taken.
        #expect(try await gateways[0].command("EHLO gateway.test")?.hasPrefix("250") == true)
        #expect(try await gateways[0].command("MAIL FROM:<a@b.test>")?.hasPrefix("250") == true)
        #expect(try await gateways[0].command("RCPT TO:<u@example.com>")?.hasPrefix("250") == true)
        // The client has its own places, two connections a minute, and stands on a list.
        for (gateway, code) in zip(gateways[1...], ["220", "421 4.7.0", "421 4.7.0"]) {
            #expect(try await gateway.command("XCLIENT ADDR=198.51.100.1")?.hasPrefix(code) == true)
        }
        for line in ["EHLO c.test", "MAIL FROM:<a@b.test>"] { try await gateways[1].command(line) }
        #expect(try await gateways[1].command("RCPT TO:<u@example.com>")?.hasPrefix("554 5.7.1") == true)
        for gateway in gateways { await gateway.close() }
        try await receiver.stop()
        try await server.stop()
    }

    @Test("A name that comes late, for a client before, is not taken for the next one's")
    func lateName() async throws {
        let server = try await ScriptedNameServer.start([
            "200.2.0.192.in-addr.arpa": .held("gateway.test"), "gateway.test": .addresses([[192, 0, 2, 200]]),
        ])
        let receiver = try await start(server, zones: [])
        let client = try await gateway(receiver)
        // The gateway names a client that has its own address: the number alone does not tell them apart.
        #expect(try await client.command("XCLIENT ADDR=192.0.2.200 NAME=named.test")?.hasPrefix("220") == true)
        while server.held == 0 { await Task.yield() }
        try await server.release()
        // The answer to the second question about the name has been given when this one is.
        while server.questions < 2 { await Task.yield() }
        for _ in 0..<20 { try await client.command("NOOP") }
        try await client.command("EHLO c.test")
        try await client.beginMessage(greets: false)
        #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
        await client.close()
        try await receiver.stop()
        #expect(try receiver.spool.messages().allSatisfy { $0.text.contains("(named.test [192.0.2.200])") })
        try await server.stop()
    }
}
