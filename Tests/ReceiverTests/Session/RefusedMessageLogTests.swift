import Logging
import MailModel
import NIOCore
import NIOEmbedded
import SMTPProtocol
import Testing

@testable import Receiver

@Suite("The line of the log for a message that is not taken", .timeLimit(.minutes(10)))
struct RefusedMessageLogTests {
    /// Begins a message to two recipients, lets `body` spoil it, and gives the notices.
    private func notices(
        _ configuration: ReceiverConfiguration = ReceiverFixture.configuration(),
        _ body: (ReceiverFixture, TestingSession) async throws -> Void
    ) async throws -> [RecordedLog.Line] {
        let log = RecordedLog()
        let fixture = try ReceiverFixture(configuration, logger: log.logger)
        let session = try await TestingSession(fixture)
        _ = try await session.reply()
        for line in ["EHLO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "RCPT TO:<v@example.com>"] {
            _ = try await session.command(line)
        }
        try await body(fixture, session)
        try await session.end()
        await fixture.close()
        return log.lines("refused").filter { $0.level == .notice }
    }

    private func expectOne(_ notices: [RecordedLog.Line], code: String) {
        #expect(notices.count == 1)
        for (key, value) in [
            ("client", "192.0.2.1"), ("helo", "c.test"), ("from", "a@b.test"), ("to", "u@example.com,v@example.com"),
            ("code", code),
        ] {
            #expect(notices.first?.metadata[key]?.description == value)
        }
    }

    @Test("A bare LF that is refused")
    func bareNewline() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.bareNewlines = .reject
        let notices = try await notices(configuration) { _, session in
            _ = try await session.command("DATA")
            try await session.send("Subject: x\n\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("550 5.5.2"))
        }
        expectOne(notices, code: "550")
    }

    @Test("A disk that is full before 354")
    func diskFull() async throws {
        let notices = try await notices { fixture, session in
            fixture.disk.setFree(bytes: 0)
            try fixture.refreshSpace()
            #expect(try await session.command("DATA").hasPrefix("452 4.3.1"))
        }
        expectOne(notices, code: "452")
    }

    @Test("A disk that fails under it: our own fault is temporary")
    func diskFails() async throws {
        let notices = try await notices { fixture, session in
            fixture.disk.fail(.sync, in: "segments", with: 5)
            _ = try await session.command("DATA")
            try await session.send("Subject: x\r\n\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("451 4.3.0"))
        }
        expectOne(notices, code: "451")
    }

    @Test("A client that falls silent in the middle of it")
    func timeout() async throws {
        let notices = try await notices { _, session in
            _ = try await session.command("DATA")
            try await session.send("Subject: x\r\n")
            await session.advance(.seconds(301))
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
        }
        expectOne(notices, code: "421")
    }

    @Test("A chunk that makes it too large")
    func chunk() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = ByteCount(20)
        let notices = try await notices(configuration) { _, session in
            #expect(try await session.command("BDAT 3\r\nx").hasPrefix("250"))
            try await session.send("BDAT 30 LAST\r\n" + String(repeating: "x", count: 30))
            #expect(try await session.reply().hasPrefix("552 5.3.4"))
        }
        expectOne(notices, code: "552")
    }

    @Test("The very first chunk, which is too large")
    func firstChunk() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = ByteCount(20)
        let notices = try await notices(configuration) { _, session in
            try await session.send("BDAT 30 LAST\r\n" + String(repeating: "x", count: 20))
            try await session.send(String(repeating: "x", count: 10))
            #expect(try await session.reply().hasPrefix("552 5.3.4"))
        }
        expectOne(notices, code: "552")
        #expect(notices.first?.metadata["limit"]?.description == "max_message_size")
    }

    @Test("Chunks behind a refused one are no further notices")
    func chunksBehind() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = ByteCount(20)
        let notices = try await notices(configuration) { _, session in
            for line in ["BDAT 21\r\n" + String(repeating: "x", count: 19), "BDAT 0", "BDAT 0", "BDAT 0"] {
                let reply = try await session.command(line)
                #expect(reply.hasPrefix("552"))
            }
        }
        expectOne(notices, code: "552")
    }

    @Test("Paths that cannot be understood are told as they were written")
    func misspelt() async throws {
        let notices = try await notices { _, session in
            let reply = try await session.command("RCPT TO:<a b@example.com>")
            #expect(reply.hasPrefix("501 5.1.3"))
            #expect(try await session.command("RCPT TO:<c@d@example.com>").hasPrefix("550 5.7.1"))
            _ = try await session.command("RSET")
            #expect(try await session.command("MAIL FROM:<\u{1B}[31m@b.test>").hasPrefix("501 5.5.4"))
        }
        #expect(notices.map { $0.metadata["to"]?.description } == ["<a b@example.com>", "<c@d@example.com>", ""])
        #expect(notices.map { $0.metadata["from"]?.description } == ["a@b.test", "a@b.test", "<\\x1B[31m@b.test>"])
    }
}
