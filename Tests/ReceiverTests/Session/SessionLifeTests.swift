import MailModel
import NIOCore
import NIOEmbedded
import SMTPProtocol
import Spool
import Testing

@testable import Receiver

@Suite("The life of a session", .timeLimit(.minutes(10)))
struct SessionLifeTests {
    @Test(
        "Nothing of a session stays in memory after its end",
        arguments: ["idle", "data", "spilling", "committing", "refused"])
    func freed(stage: String) async throws {
        let fixture = try ReceiverFixture()
        let session = try await TestingSession(fixture)
        switch stage {
        case "data":
            try await session.beginMessage()
            try await session.send("Subject: x\r\n")
        case "spilling":
            try await session.beginMessage()
            try await session.send(String(repeating: "x", count: 1_500_000))
        case "committing":
            try await session.beginMessage()
            fixture.disk.segmentGate.close()
            try await session.send("Subject: x\r\n\r\n.\r\n")
        case "refused":
            _ = try await session.reply()
            _ = try await session.command("EHLO c\r\nNOOP")
        default: break
        }
        try await session.end()
        fixture.disk.segmentGate.open()
        while try await session.isAlive { await Task.yield() }
        try await fixture.eventually { fixture.isAtRest && fixture.environment.admission.sessions == 0 }
        try await fixture.eventually { try fixture.spool.largeFiles().isEmpty }
        await fixture.close()
    }

    @Test("An IPv6 client stands in the trace line as one")
    func ipv6() async throws {
        let fixture = try ReceiverFixture()
        let session = try await TestingSession(fixture, from: "2001:db8::1")
        try await session.beginMessage()
        _ = try await session.command("Subject: x\r\n\r\n.")
        let stored = try #require(try fixture.spool.messages().first)
        #expect(stored.text.hasPrefix("Received: from c ([IPv6:2001:db8::1])\r\n"))
        #expect(stored.message.envelope.client == "2001:db8::1")
        try await session.end()
        await fixture.close()
    }

    @Test("An error after the end, an answer after the end and a shutdown after the end do nothing")
    func late() async throws {
        let fixture = try ReceiverFixture()
        let session = try await TestingSession(fixture)
        try await session.beginMessage()
        fixture.disk.segmentGate.close()
        try await session.send("Subject: x\r\n\r\n.\r\n")
        let pipeline = session.channel.pipeline
        pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
        pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
        pipeline.fireUserInboundEventTriggered(SessionEvent.shuttingDown(.none))
        pipeline.fireChannelRead(ByteBuffer(string: "NOOP\r\n"))
        await session.channel.testingEventLoop.run()
        fixture.disk.segmentGate.open()
        try await fixture.eventually { fixture.environment.statistics.snapshot.messagesAccepted == 1 }
        try await session.end()
        try await fixture.eventually { fixture.isAtRest }
        #expect(try fixture.spool.messages().count == 1)
        await fixture.close()
    }

    @Test("The session too many is told so at once, in all and from one client")
    func tooMany() async throws {
        var limits = ReceiverLimits()
        limits.sessions = 2
        limits.sessionsPerClient = 1
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits))
        let first = try await TestingSession(fixture, from: "192.0.2.1")
        #expect(try await first.reply().hasPrefix("220"))
        let again = try await TestingSession(fixture, from: "192.0.2.1")
        #expect(try await again.reply().hasPrefix("421 4.7.0"))
        #expect(!again.channel.isActive)
        let second = try await TestingSession(fixture, from: "192.0.2.2")
        #expect(try await second.reply().hasPrefix("220"))
        let third = try await TestingSession(fixture, from: "192.0.2.3")
        #expect(try await third.reply().hasPrefix("421 4.3.2"))
        try await first.end()
        let next = try await TestingSession(fixture, from: "192.0.2.1")
        #expect(try await next.reply().hasPrefix("220"))
        for session in [second, next] { try await session.end() }
        #expect(fixture.environment.statistics.snapshot.sessionsNow == 0)
        #expect(fixture.environment.statistics.snapshot.sessionsRefused == 2)
        await fixture.close()
    }

    @Test("A session that is accepted while the server goes down is told at once")
    func lateSession() async throws {
        try await ReceiverFixture.run { fixture, address in
            fixture.listener.tellSessions(.shuttingDown(.untilMessageEnds))
            let client = try await SMTPTestClient.connect(to: address)
            #expect(await client.rest().map { $0.prefix(9) } == ["421 4.3.2"])
        }
    }
}
