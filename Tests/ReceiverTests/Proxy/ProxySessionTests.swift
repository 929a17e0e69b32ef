import MailModel
import NIOCore
import SMTPProtocol
import Spool
import Testing

@testable import Receiver

@Suite("Behind load balancers and gateways", .timeLimit(.minutes(10)))
struct ProxySessionTests {
    private static func configuration(
        proxies: [String] = [], xclient: [String] = [], filters: [String] = [],
        _ limits: ReceiverLimits = ReceiverLimits()
    ) -> ReceiverConfiguration {
        var configuration = ReceiverFixture.configuration(limits)
        configuration.proxyNetworks = proxies.compactMap(IPNetwork.init)
        configuration.xclientNetworks = xclient.compactMap(IPNetwork.init)
        configuration.junk = JunkVerdict(
            gateways: filters.compactMap(IPNetwork.init), fields: ["X-Spam-Flag: YES"].compactMap(JunkField.init))
        return configuration
    }

    private static let line = "PROXY TCP4 192.0.2.77 198.51.100.2 56324 25\r\n"

    @Test("The client that the header names is the session's, also when the header comes octet by octet")
    func named() async throws {
        var limits = ReceiverLimits()
        // Forty writes one after the other: a busy machine may take its time.
        limits.proxyHeaderTimeout = .minutes(5)
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.0/8"], limits)) { fixture, address in
            for isSplit in [false, true] {
                let client = try await SMTPTestClient.connect(to: address)
                if isSplit {
                    for byte in Self.line.utf8 { try await client.send([byte]) }
                } else {
                    try await client.send(Self.line)
                }
                try await client.beginMessage()
                #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
                await client.close()
            }
            await fixture.closeWriter()
            let stored = try fixture.spool.messages()
            #expect(stored.map(\.message.envelope.client) == ["192.0.2.77", "192.0.2.77"])
            #expect(stored.allSatisfy { $0.text.contains("([192.0.2.77])") })
        }
    }

    @Test(
        "A gateway's verdict is kept with the message, also behind a load balancer; anybody else's is not",
        arguments: [
            (["127.0.0.1"], "", "X-Spam-Flag: YES", true), (["192.0.2.9"], "", "X-Spam-Flag: YES", false),
            (["127.0.0.1"], "", "X-Spam-Flag: NO", false), (["192.0.2.77"], line, "X-Spam-Flag: YES", true),
            (["127.0.0.1"], line, "X-Spam-Flag: YES", false),
        ])
    func verdict(filters: [String], header: String, field: String, isJunk: Bool) async throws {
        let proxies = header.isEmpty ? [] : ["127.0.0.0/8"]
        try await ReceiverFixture.run(Self.configuration(proxies: proxies, filters: filters)) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send(header)
            try await client.beginMessage()
            #expect(try await client.command(field + "\r\n\r\nX-Spam-Flag: YES\r\n.")?.hasPrefix("250") == true)
            await client.close()
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().map(\.message.envelope.isJunk) == [isJunk])
        }
    }

    @Test("A health check of the load balancer itself gets its banner")
    func local() async throws {
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.0/8"])) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send(SampleHeader.local)
            #expect(await client.reply()?.hasPrefix("220") == true)
        }
    }

    @Test(
        "What stands behind the header is a client's that has not waited for the banner; LOCAL and UNIX sockets too",
        arguments: [
            Array(SampleHeader.line.utf8), SampleHeader.local, SampleHeader.unix,
            // More than one read of the socket takes.
            Array((SampleHeader.line + String(repeating: "more\r\n", count: 20_000)).utf8),
        ])
    func earlyTalker(header: [UInt8]) async throws {
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.0/8"])) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send(header + Array("QUIT\r\n".utf8))
            #expect(await client.rest().map { $0.prefix(9) } == ["554 5.5.0"])
        }
    }

    @Test("A client without an address of TCP comes from the load balancer's own")
    func unixClient() async throws {
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.0/8"])) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send(SampleHeader.unix)
            try await client.beginMessage()
            #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
            await client.close()
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().map(\.message.envelope.client) == ["127.0.0.1"])
        }
    }

    @Test(
        "postmaster at the address that the client has connected to is ours, behind a load balancer at the load balancer's",
        arguments: [
            ("", "postmaster@[127.0.0.1]", "250"), ("", "Abuse@[IPv6:::ffff:127.0.0.1]", "250"),
            ("", "postmaster@[127.0.0.2]", "550"), ("", "u@[127.0.0.1]", "550"),
            (SampleHeader.line, "postmaster@[198.51.100.2]", "250"),
            (SampleHeader.line, "postmaster@[127.0.0.1]", "550"),
        ])
    func postmaster(header: String, address: String, code: String) async throws {
        let proxies = header.isEmpty ? [] : ["127.0.0.0/8"]
        try await ReceiverFixture.run(Self.configuration(proxies: proxies)) { fixture, listener in
            let client = try await SMTPTestClient.connect(to: listener)
            try await client.send(header)
            _ = await client.reply()
            for line in ["EHLO c.test", "MAIL FROM:<a@b.test>"] { try await client.command(line) }
            #expect(try await client.command("RCPT TO:<\(address)>")?.hasPrefix(code) == true)
            guard code == "250" else { return }
            try await client.command("DATA")
            #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
            await fixture.closeWriter()
            let recipients = try fixture.spool.messages().first?.message.envelope.recipients.map(\.text)
            #expect(recipients?.first?.hasSuffix("@example.com") == true, "it gets our first domain")
        }
    }

    @Test("An IPv4 address that comes mapped into IPv6 is kept as what it is", arguments: [true, false])
    func mapped(byProxy: Bool) async throws {
        let networks = ["127.0.0.0/8"]
        try await ReceiverFixture.run(
            Self.configuration(proxies: byProxy ? networks : [], xclient: byProxy ? [] : networks)
        ) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            if byProxy {
                try await client.send("PROXY TCP6 ::ffff:192.0.2.9 ::ffff:198.51.100.2 56324 25\r\n")
                _ = await client.reply()
            } else {
                _ = await client.reply()
                #expect(try await client.command("XCLIENT ADDR=IPV6:::ffff:192.0.2.9")?.hasPrefix("220") == true)
            }
            try await client.command("EHLO c.test")
            try await client.beginMessage(greets: false)
            #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
            await client.close()
            await fixture.closeWriter()
            let stored = try fixture.spool.messages()
            #expect(stored.map(\.message.envelope.client) == ["192.0.2.9"])
            #expect(stored.allSatisfy { $0.text.contains("([192.0.2.9])") })
        }
    }

    @Test(
        "Without a valid header the connection is closed without a word",
        arguments: [
            "EHLO me\r\n", "PROXY TCP4 nobody 198.51.100.2 1 2\r\n",
            "PROXY UNKNOWN" + String(repeating: "x", count: 200),
        ])
    func invalid(_ text: String) async throws {
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.1"])) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send(text)
            #expect(await client.rest().isEmpty)
            try await fixture.eventually { fixture.listener.sessionCount == 0 }
            #expect(fixture.environment.admission.sessions == 0)
        }
    }

    @Test("A header that does not come in time closes the connection")
    func late() async throws {
        var limits = ReceiverLimits()
        limits.proxyHeaderTimeout = .milliseconds(20)
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.1"], limits)) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.send("PROXY ")
            #expect(await client.rest().isEmpty)
        }
    }

    @Test("From anywhere else PROXY is what no mail client says")
    func untrusted() async throws {
        try await ReceiverFixture.run(Self.configuration(proxies: ["192.0.2.0/24"])) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            #expect(await client.reply()?.hasPrefix("220") == true)
            #expect(try await client.command("PROXY TCP4 192.0.2.77 198.51.100.2 56324 25")?.hasPrefix("221") == true)
            #expect(await client.rest().isEmpty)
        }
    }

    @Test("The limits count the clients that load balancers name, not the load balancer")
    func limits() async throws {
        var limits = ReceiverLimits()
        limits.sessionsPerClient = 1
        try await ReceiverFixture.run(Self.configuration(proxies: ["127.0.0.1"], limits)) { _, address in
            let (one, again, other) = (
                try await SMTPTestClient.connect(to: address), try await SMTPTestClient.connect(to: address),
                try await SMTPTestClient.connect(to: address)
            )
            try await one.send(Self.line)
            #expect(await one.reply()?.hasPrefix("220") == true)
            try await again.send(Self.line)
            #expect(await again.rest().map { $0.prefix(9) } == ["421 4.7.0"])
            try await other.send("PROXY TCP4 192.0.2.78 198.51.100.2 1 25\r\n")
            #expect(await other.reply()?.hasPrefix("220") == true)
        }
    }

    @Test("A gateway names its client with XCLIENT, one after the other in one session")
    func xclient() async throws {
        try await ReceiverFixture.run(Self.configuration(xclient: ["127.0.0.0/8"])) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            #expect(try await client.command("EHLO gateway.test")?.contains("XCLIENT NAME ADDR") == true)
            for name in ["192.0.2.1", "IPV6:2001:db8::1"] {
                #expect(try await client.command("XCLIENT ADDR=\(name) NAME=[UNAVAILABLE]")?.hasPrefix("220") == true)
                #expect(try await client.command("MAIL FROM:<a@b.test>")?.hasPrefix("503") == true)
                try await client.command("EHLO sender.test")
                try await client.beginMessage(greets: false)
                #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
            }
            #expect(fixture.environment.admission.sessions == 1)
            await client.close()
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().map(\.message.envelope.client) == ["192.0.2.1", "2001:db8::1"])
        }
    }
}

/// Headers of a load balancer.
private enum SampleHeader {
    static let line = "PROXY TCP4 192.0.2.77 198.51.100.2 56324 25\r\n"
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    static let local = signature + [0x20, 0, 0, 0]
    /// A stream of a UNIX socket: two paths of 108 octets.
    static let unix = signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 0x2F, count: 216)
}
