import Logging
import MailModel
import NIOCore
import NIOEmbedded
import SMTPProtocol
import Synchronization
import Testing

@testable import Receiver

@Suite("Each limit has a name, which stands in the log and in the metrics", .timeLimit(.minutes(10)))
struct LimitLogTests {
    /// Runs one session and expects that exactly this limit was reached, once, and that one line of the log names it.
    private func expect(
        _ limit: ReceiverLimit, level: Logger.Level = .notice, code: String? = nil, message: String = "refused",
        _ change: (inout ReceiverConfiguration) -> Void = { _ in },
        _ body: (ReceiverFixture, TestingSession) async throws -> Void
    ) async throws {
        var configuration = ReceiverFixture.configuration()
        change(&configuration)
        let log = RecordedLog()
        let fixture = try ReceiverFixture(configuration, logger: log.logger)
        let session = try await TestingSession(fixture)
        _ = try await session.reply()
        _ = try await session.command("EHLO c.test")
        do { try await body(fixture, session) } catch { Issue.record(error) }
        let reached = fixture.environment.statistics.snapshot.limits.filter { $0.value > 0 }
        #expect(reached == [limit.rawValue: 1])
        try await session.end()
        await fixture.close()
        let lines = log.lines(message).filter { $0.metadata["limit"]?.description == limit.rawValue }
        #expect(lines.map(\.level) == [level])
        if let code { #expect(lines.first?.metadata["code"]?.description == code) }
    }

    @Test("Errors")
    func errors() async throws {
        try await expect(.errors, code: "421") {
            $0.protocolLimits.errors = 2
        } _: { _, session in
            _ = try await session.command("X")
            #expect(try await session.command("X").hasPrefix("421 4.7.0"))
        }
    }

    @Test("Refused recipients")
    func refusedRecipients() async throws {
        try await expect(.refusedRecipients, code: "421") {
            $0.protocolLimits.refusedRecipients = 2
        } _: { _, session in
            for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<a@elsewhere.test>", "RCPT TO:<b@elsewhere.test>"] {
                _ = try await session.command(line)
            }
        }
    }

    @Test("Commands that bring no mail: a line although the answer is 250")
    func junk() async throws {
        try await expect(.junkCommands, level: .info, message: "limit reached") {
            $0.protocolLimits.junkCommands = 1
        } _: { _, session in
            for _ in 1...3 {
                let reply = try await session.command("NOOP")
                #expect(reply.hasPrefix("250"))
            }
        }
    }

    @Test("Commands")
    func commands() async throws {
        try await expect(.commands, code: "421") {
            $0.limits.commands = 2
        } _: { _, session in
            _ = try await session.command("NOOP")
            let last = try await session.command("NOOP")
            #expect(last.contains("Too many commands"))
        }
    }

    @Test("The length of a command line")
    func commandLine() async throws {
        try await expect(.commandLine, code: "500") { _, session in
            _ = try await session.command("NOOP " + String(repeating: "x", count: 3_000))
        }
    }

    @Test("Recipients, once for a message")
    func recipients() async throws {
        try await expect(.recipients, code: "452") {
            $0.maximumRecipients = 1
        } _: { _, session in
            _ = try await session.command("MAIL FROM:<a@b.test>")
            for index in 1...3 { _ = try await session.command("RCPT TO:<u\(index)@example.com>") }
        }
    }

    @Test("The size of a message, by SIZE and as it comes", arguments: [true, false])
    func messageSize(isDeclared: Bool) async throws {
        try await expect(.messageSize, code: "552") {
            $0.maximumMessageSize = .kib(1)
        } _: { _, session in
            if isDeclared {
                _ = try await session.command("MAIL FROM:<a@b.test> SIZE=1025")
            } else {
                for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
                    _ = try await session.command(line)
                }
                _ = try await session.command(String(repeating: "x", count: 1025) + "\r\n.")
            }
        }
    }

    @Test("Header, line and hops", arguments: [ReceiverLimit.headerSize, .lineLength, .receivedLines])
    func message(limit: ReceiverLimit) async throws {
        try await expect(limit, code: "554") {
            $0.limits.headerSize = ByteCount(200)
            $0.limits.lineLength = ByteCount(300)
            $0.limits.receivedLines = 2
        } _: { _, session in
            for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
                _ = try await session.command(line)
            }
            switch limit {
            case .headerSize: try await session.send("X: " + String(repeating: "x", count: 250) + "\r\n.\r\n")
            case .lineLength: try await session.send("\r\n" + String(repeating: "x", count: 350) + "\r\n.\r\n")
            default: try await session.send("Received: a\r\nReceived: b\r\n\r\n.\r\n")
            }
            #expect(try await session.reply().hasPrefix("554"))
        }
    }

    @Test("Silence")
    func timeout() async throws {
        try await expect(.timeout, level: .info, code: "421") { _, session in
            await session.advance(.seconds(301))
            let reply = try await session.reply()
            #expect(reply.hasPrefix("421 4.4.2"))
        }
    }

    @Test("A message that comes too slowly")
    func slowestData() async throws {
        try await expect(.slowestData, code: "421") { _, session in
            for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
                _ = try await session.command(line)
            }
            try await session.send("Subject: x\r\n")
            await session.advance(.seconds(301))
            let reply = try await session.reply()
            #expect(reply.hasPrefix("421 4.4.2"))
        }
    }

    @Test("Silence under stress")
    func stressTimeout() async throws {
        let log = RecordedLog()
        var configuration = ReceiverFixture.configuration()
        configuration.limits.stressPercent = 1
        let fixture = try ReceiverFixture(configuration, logger: log.logger)
        fixture.environment.stress.onChange { _ in }
        var sessions: [TestingSession] = []
        for index in 1...20 { sessions.append(try await TestingSession(fixture, from: "192.0.2.\(index)")) }
        #expect(fixture.environment.stress.isOn)
        let last = try #require(sessions.last)
        _ = try await last.reply()
        await last.advance(.seconds(11))
        #expect(try await last.reply().hasPrefix("421 4.4.2"))
        #expect(fixture.environment.statistics.snapshot.limits["stress_timeout"] == 1)
        #expect(log.lines("refused").compactMap { $0.metadata["limit"]?.description } == ["stress_timeout"])
        for session in sessions { try await session.end() }
        await fixture.close()
    }

    @Test("The floor under the free space")
    func freeSpace() async throws {
        try await expect(.freeSpace, code: "452") { fixture, session in
            fixture.disk.setFree(bytes: 0)
            try fixture.refreshSpace()
            #expect(try await session.command("MAIL FROM:<a@b.test>").hasPrefix("452 4.3.1"))
        }
    }

    @Test("Memory for bodies: told when it is spent, and again only when much of it was free in between")
    func memory() {
        let told = Counter()
        let budget = BodyBudget(limit: 100)
        budget.whenSpent { told.add() }
        budget.take(100)
        #expect(told.count == 0)
        budget.take(1)
        #expect(told.count == 1)
        budget.giveBack(40)
        budget.take(60)
        #expect(told.count == 1, "it has not been free since")
        budget.giveBack(71)
        budget.take(100)
        #expect(told.count == 2)
    }

    @Test("Memory for bodies stands in the log and in the metrics")
    func memoryOfSessions() async throws {
        try await expect(
            .memory, message: "memory for bodies is spent: they go to files, and sockets wait for the disk"
        ) {
            $0.limits.bodyMemory = .kib(1)
        } _: { _, session in
            for line in ["MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>", "DATA"] {
                _ = try await session.command(line)
            }
            try await session.send(String(repeating: "x\r\n", count: 1_000) + ".\r\n")
            #expect(try await session.reply().hasPrefix("250"))
        }
    }

    @Test("A TLS handshake that does not end")
    func handshake() async throws {
        let log = RecordedLog()
        let fixture = try ReceiverFixture(tls: await STARTTLSTests.identity(in: TestSpool()), logger: log.logger)
        let session = try await TestingSession(fixture)
        for line in ["", "EHLO c.test", "STARTTLS"] {
            if !line.isEmpty { try await session.send(line + "\r\n") }
            _ = try await session.reply()
        }
        await session.advance(.seconds(31))
        #expect(!session.channel.isActive)
        #expect(fixture.environment.statistics.snapshot.limits["tls_handshake"] == 1)
        let line = try #require(log.lines("session ended by an error").first)
        #expect(line.metadata["limit"]?.description == "tls_handshake")
        try await session.end()
        await fixture.close()
    }

    @Test("Talk before the banner")
    func earlyTalkers() async throws {
        let log = RecordedLog()
        var configuration = ReceiverFixture.configuration()
        configuration.proxyNetworks = ["127.0.0.0/8"].compactMap(IPNetwork.init)
        let fixture = try ReceiverFixture(configuration, logger: log.logger)
        let address = try await fixture.listener.bind(to: configuration.listeners)[0]
        let client = try await SMTPTestClient.connect(to: address)
        // Behind a PROXY header the client's octets are there for certain when the session begins.
        try await client.send("PROXY TCP4 192.0.2.77 198.51.100.2 56324 25\r\nEHLO c.test\r\n")
        #expect(await client.rest().map { $0.prefix(9) } == ["554 5.5.0"])
        #expect(fixture.environment.statistics.snapshot.limits["early_talkers"] == 1)
        let line = try #require(log.lines("refused").first)
        #expect(line.level == .notice && line.metadata["limit"]?.description == "early_talkers")
        #expect(line.metadata["client"]?.description == "192.0.2.77")
        await fixture.close()
    }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}
