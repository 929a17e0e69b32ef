import Logging
import MailModel
import NIOCore
import NIOEmbedded
import SMTPProtocol
import Testing

@testable import Receiver

@Suite("What is told of refusals, and what becomes of clients that make many errors", .timeLimit(.minutes(10)))
struct RefusalTests {
    private func withSession(
        _ configuration: ReceiverConfiguration = ReceiverFixture.configuration(), log: RecordedLog = RecordedLog(),
        _ body: (ReceiverFixture, TestingSession) async throws -> Void
    ) async throws {
        let fixture = try ReceiverFixture(configuration, logger: log.logger)
        let session = try await TestingSession(fixture)
        do { try await body(fixture, session) } catch { Issue.record(error) }
        try await session.end()
        await fixture.close()
    }

    @Test("A refused recipient is one notice with client, helo, sender, recipient and code")
    func recipient() async throws {
        let log = RecordedLog()
        try await withSession(log: log) { _, session in
            _ = try await session.reply()
            for line in ["EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<u@elsewhere.test>", "NONSENSE", "RSET"] {
                _ = try await session.command(line)
            }
            _ = try await session.command("RCPT TO:<u@example.com>")
        }
        let refused = log.lines("refused")
        #expect(refused.map(\.level) == [.notice, .info, .info])
        let first = try #require(refused.first?.metadata)
        for (key, value) in [
            ("client", "192.0.2.1"), ("helo", "c.test"), ("from", "a@b.test"), ("to", "u@elsewhere.test"),
            ("code", "550"),
        ] {
            #expect(first[key]?.description == value)
        }
        // After RSET there is no sender any more.
        #expect(refused.last?.metadata["from"]?.description == "")
    }

    @Test(
        "A refused message is one notice with its recipients and the code; an accepted one tells whether it came in TLS"
    )
    func message() async throws {
        let log = RecordedLog()
        try await withSession(log: log) { fixture, session in
            try await session.beginMessage()
            try await session.send("X: \0\r\n\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("554"))
            for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
                _ = try await session.command(line)
            }
            try await session.send("Subject: x\r\n\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("250"))
            #expect(fixture.environment.statistics.snapshot.bytesDiscarded > 0)
        }
        let refused = log.lines("refused")
        #expect(refused.count == 1 && refused.first?.level == .notice)
        #expect(refused.first?.metadata["to"]?.description == "u@example.com")
        #expect(refused.first?.metadata["code"]?.description == "554")
        let accepted = try #require(log.lines("message accepted").first)
        #expect(accepted.level == .notice && accepted.metadata["tls"]?.description == "none")
    }

    @Test("From the tenth error on the answer is late, and nothing is lost of what was pipelined behind it")
    func delay() async throws {
        try await withSession { fixture, session in
            _ = try await session.reply()
            for _ in 0..<9 { #expect(try await session.command("NONSENSE").hasPrefix("500")) }
            try await session.send("NONSENSE\r\nNOOP\r\n")
            await session.advance(.milliseconds(999))
            #expect(try await session.channel.readOutbound(as: ByteBuffer.self) == nil)
            await session.advance(.milliseconds(1))
            let reply = try await session.reply()
            #expect(reply.hasPrefix("500") && reply.contains("\r\n250 2.0.0"))
            #expect(fixture.environment.statistics.snapshot.limits["errors_before_delay"] == 1)
        }
    }

    @Test("The last error ends the session at once")
    func tooMany() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.protocolLimits.errors = 2
        configuration.protocolLimits.errorsBeforeDelay = 2
        try await withSession(configuration) { _, session in
            _ = try await session.reply()
            _ = try await session.command("NONSENSE")
            #expect(try await session.command("NONSENSE").hasPrefix("421 4.7.0"))
            #expect(!session.channel.isActive)
        }
    }

    @Test("More commands than any mail needs end the session; an accepted message sets the count back")
    func commands() async throws {
        var limits = ReceiverLimits()
        limits.commands = 6
        try await withSession(ReceiverFixture.configuration(limits)) { fixture, session in
            try await session.beginMessage()
            try await session.send("Subject: x\r\n\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("250"))
            for _ in 0..<6 { #expect(try await session.command("NOOP").hasPrefix("250")) }
            #expect(try await session.command("NOOP").hasPrefix("421 4.7.0"))
            #expect(!session.channel.isActive)
            #expect(fixture.environment.statistics.snapshot.limits["commands"] == 1)
        }
    }

    @Test("A header as long as it may be is taken, one octet more is not", arguments: [(0, "250"), (1, "554 5.6.0")])
    func header(_ more: Int, _ code: String) async throws {
        var limits = ReceiverLimits()
        limits.headerSize = .kib(16)
        try await withSession(ReceiverFixture.configuration(limits)) { _, session in
            try await session.beginMessage()
            let header = "X: " + String(repeating: "y", count: 16 * 1024 - 7 + more) + "\r\n\r\n"
            try await session.send(header + String(repeating: "body\r\n", count: 10_000) + ".\r\n")
            #expect(try await session.reply().hasPrefix(code))
        }
    }

    @Test(
        "A header that is too long is refused in chunks too, behind the last of them",
        arguments: [(0, "250"), (1, "554 5.6.0")])
    func headerInChunks(_ more: Int, _ code: String) async throws {
        var limits = ReceiverLimits()
        limits.headerSize = .kib(16)
        try await withSession(ReceiverFixture.configuration(limits)) { fixture, session in
            _ = try await session.reply()
            for line in ["EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>"] {
                _ = try await session.command(line)
            }
            let header = "X: " + String(repeating: "y", count: 16 * 1024 - 7 + more) + "\r\n\r\n"
            try await session.send("BDAT \(header.utf8.count)\r\n" + header)
            #expect(try await session.reply().hasPrefix("250 2.0.0 Chunk"))
            try await session.send("BDAT 6 LAST\r\nbody\r\n")
            #expect(try await session.reply().hasPrefix(code))
            #expect(fixture.environment.statistics.snapshot.limits["header_size"] ?? 0 == more)
        }
    }

    @Test("A client that gives up message after message is told 421 4.7.0, another is not")
    func aborts() async throws {
        var limits = ReceiverLimits()
        limits.abortsPerMinute = 2
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits))
        for _ in 0..<2 {
            let session = try await TestingSession(fixture)
            try await session.beginMessage()
            try await session.send("Subject: x\r\n")
            try await session.end()
        }
        // The clock of a testing channel stands still, so all of this is within one minute.
        let again = try await TestingSession(fixture)
        #expect(try await again.reply().hasPrefix("421 4.7.0"))
        let other = try await TestingSession(fixture, from: "198.51.100.1")
        #expect(try await other.reply().hasPrefix("220"))
        for session in [again, other] { try await session.end() }
        await fixture.close()
    }
}
