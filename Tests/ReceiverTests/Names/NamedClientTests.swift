import NIOCore
import Testing

@testable import Receiver

@Suite("What the DNS knows of clients that a gateway names", .timeLimit(.minutes(10)))
struct NamedClientTests {
    private func start(_ server: ScriptedNameServer, zones: [String]) async throws -> RunningReceiver {
        var configuration = ReceiverFixture.configuration()
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
