import MailModel
import NIOCore
import NIOPosix
import Spool
import Testing

@testable import Receiver

@Suite("The service", .timeLimit(.minutes(10)))
struct ReceiverServiceTests {
    @Test("Fifty sessions with messages of all sizes: each one in the spool, byte for byte")
    func concurrent() async throws {
        let receiver = try await RunningReceiver.start()
        let sizes = [0, 1, 77, 4_000, 70_000, 300_000, 1_200_000]
        let sent = Acknowledged()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in 0..<50 {
                group.addTask {
                    let client = try await SMTPTestClient.connect(to: receiver.address)
                    for message in 0..<4 {
                        let size = sizes[(session + message * 3) % sizes.count]
                        let line = "line of \(session)/\(message) " + String(repeating: "x", count: 60) + "\r\n"
                        let body =
                            "Subject: \(session)/\(message)\r\n\r\n"
                            + String(repeating: line, count: size / line.utf8.count)
                        try await client.beginMessage(greets: message == 0)
                        let reply = try #require(try await client.command(body + "."))
                        #expect(reply.hasPrefix("250 2.0.0 Ok: queued as "))
                        sent.add(reply, body)
                    }
                    #expect(try await client.command("QUIT")?.hasPrefix("221") == true)
                }
            }
            try await group.waitForAll()
        }
        try await receiver.stop()
        let stored = try receiver.spool.messages()
        #expect(stored.count == 200)
        let expected = sent.bodies
        for message in stored {
            #expect(expected[message.message.id.description].map { message.body.elementsEqual($0.utf8) } == true)
        }
        #expect(receiver.service.statistics.snapshot.sessionsNow == 0)
    }

    @Test("At shutdown an idle session is told 421 4.3.2, a message in DATA comes to its 250, and nobody new is let in")
    func graceful() async throws {
        let receiver = try await RunningReceiver.start()
        let (idle, inEnvelope, inData) = (
            try await SMTPTestClient.connect(to: receiver.address),
            try await SMTPTestClient.connect(to: receiver.address),
            try await SMTPTestClient.connect(to: receiver.address)
        )
        #expect(await idle.reply()?.hasPrefix("220") == true)
        _ = await inEnvelope.reply()
        for line in ["EHLO c", "MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>"] { try await inEnvelope.command(line) }
        try await inData.beginMessage()
        try await inData.send("Subject: x\r\n\r\nfirst half\r\n")
        await receiver.beginShutdown()
        #expect(await idle.rest().map { $0.prefix(9) } == ["421 4.3.2"])
        #expect(await inEnvelope.rest().map { $0.prefix(9) } == ["421 4.3.2"])
        // Where somebody answers, it is not this receiver: its port is free.
        _ = try? await SMTPTestClient.connect(to: receiver.address)
        try await inData.send("second half\r\n.\r\n")
        #expect(await inData.rest().map { $0.prefix(9) } == ["250 2.0.0", "421 4.3.2"])
        try await receiver.ended()
        #expect(receiver.service.statistics.snapshot.sessionsTotal == 3)
        #expect(
            try receiver.spool.messages().map { String(decoding: $0.body, as: UTF8.self) } == [
                "Subject: x\r\n\r\nfirst half\r\nsecond half\r\n"
            ])
    }

    @Test("A message that does not end in time is given up with 421 4.3.2")
    func impatient() async throws {
        var limits = ReceiverLimits()
        limits.drain = .milliseconds(50)
        let receiver = try await RunningReceiver.start(ReceiverFixture.configuration(limits))
        let client = try await SMTPTestClient.connect(to: receiver.address)
        try await client.beginMessage()
        try await client.send("Subject: x\r\n\r\n" + String(repeating: "y", count: 2_000_000))
        await receiver.beginShutdown()
        #expect(await client.rest().map { $0.prefix(9) } == ["421 4.3.2"])
        try await receiver.ended()
        #expect(try receiver.spool.messages().isEmpty)
    }

    @Test("Shutdown under load: every 250 is in the spool")
    func underLoad() async throws {
        let receiver = try await RunningReceiver.start()
        let acknowledged = Acknowledged()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in 0..<20 {
                group.addTask {
                    guard let client = try? await SMTPTestClient.connect(to: receiver.address) else { return }
                    for message in 0..<10_000 {
                        guard (try? await client.beginMessage(greets: message == 0))?.hasPrefix("354") == true,
                            let reply = try? await client.command("Subject: \(session)\r\n\r\n\(message)\r\n."),
                            reply.hasPrefix("250 2.0.0 Ok: queued")
                        else { return }
                        acknowledged.add(reply, "")
                    }
                }
            }
            while acknowledged.bodies.count < 200 { await Task.yield() }
            await receiver.beginShutdown()
            try await group.waitForAll()
        }
        try await receiver.ended()
        let stored = Set(try receiver.spool.messages().map(\.message.id.description))
        #expect(Set(acknowledged.bodies.keys).subtracting(stored).isEmpty)
    }

    @Test("IPv4 and IPv6 are listened at with the same port")
    func twoListeners() async throws {
        let port = try await Self.freePort()
        var configuration = ReceiverFixture.configuration()
        configuration.listeners = [.init(host: "0.0.0.0", port: port), .init(host: "::", port: port)]
        let receiver = try await RunningReceiver.start(configuration)
        #expect(receiver.addresses.map(\.port) == [port, port])
        for host in ["127.0.0.1", "::1"] {
            let client = try await SMTPTestClient.connect(to: SocketAddress(ipAddress: host, port: port))
            try await client.beginMessage()
            #expect(try await client.command("\r\n.")?.hasPrefix("250") == true)
        }
        try await receiver.stop()
        #expect(try receiver.spool.messages().map(\.message.envelope.client) == ["127.0.0.1", "::1"])
    }

    /// A port that was free a moment ago at both wildcard addresses.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "::", port: 0)
            .get()
        let port = channel.localAddress?.port
        try await channel.close()
        return try #require(port)
    }

    @Test("An address that cannot be had is named, and no other is left open")
    func unbindable() async throws {
        let first = try await RunningReceiver.start()
        let port = try #require(first.address.port)
        var configuration = ReceiverFixture.configuration()
        configuration.listeners = [.init(host: "127.0.0.1", port: 0), .init(host: "127.0.0.1", port: port)]
        let spool = try TestSpool()
        let error = await #expect(throws: ReceiverError.self) {
            try await RunningReceiver.start(configuration, spool: spool)
        }
        #expect(error?.message.contains("127.0.0.1 port \(port)") == true)
        try await first.stop()
        // The lock was given back.
        try await RunningReceiver.start(spool: spool).stop()
    }

    @Test("A second receiver on the same spool is refused, and the first goes on")
    func second() async throws {
        var limits = ReceiverLimits()
        limits.lockWait = .milliseconds(100)
        let first = try await RunningReceiver.start()
        let error = await #expect(throws: SpoolError.self) {
            try await RunningReceiver.start(ReceiverFixture.configuration(limits), spool: first.spool)
        }
        #expect(error?.code == .locked)
        let client = try await SMTPTestClient.connect(to: first.address)
        #expect(await client.reply()?.hasPrefix("220") == true)
        try await first.stop()
    }

    @Test("The roster decides from the start, and a new one while it runs")
    func roster() async throws {
        let spool = try TestSpool()
        try spool.writeRoster(["known@example.com"])
        var configuration = ReceiverFixture.configuration()
        configuration.unknownRecipients = .reject
        let receiver = try await RunningReceiver.start(configuration, spool: spool)
        let client = try await SMTPTestClient.connect(to: receiver.address)
        _ = await client.reply()
        try await client.command("EHLO c")
        try await client.command("MAIL FROM:<a@b.test>")
        #expect(try await client.command("RCPT TO:<known@example.com>")?.hasPrefix("250") == true)
        #expect(try await client.command("RCPT TO:<new@example.com>")?.hasPrefix("550 5.1.1") == true)
        try spool.writeRoster(["known@example.com", "new@example.com"])
        // Few enough questions to stay below the limit of refusals: the file is looked at every second.
        var reply: String?
        for _ in 0..<30 {
            reply = try await client.command("RCPT TO:<new@example.com>")
            if reply?.hasPrefix("250") == true { break }
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(reply?.hasPrefix("250") == true)
        try await receiver.stop()
    }
}
