import NIOCore
import NIOEmbedded
import Testing

@testable import Receiver

@Suite("Silent and slow clients", .timeLimit(.minutes(10)))
struct IdleTests {
    private func withSession(_ body: (ReceiverFixture, TestingSession) async throws -> Void) async throws {
        let fixture = try ReceiverFixture()
        let session = try await TestingSession(fixture)
        do { try await body(fixture, session) } catch {
            fixture.disk.segmentGate.open()
            try await session.end()
            await fixture.close()
            throw error
        }
        try await session.end()
        await fixture.close()
    }

    @Test("A silent client is told 421 4.4.2, not a second too early")
    func silent() async throws {
        try await withSession { _, session in
            _ = try await session.reply()
            await session.advance(.seconds(299))
            #expect(session.channel.isActive)
            #expect(try await session.command("NOOP").hasPrefix("250"))
            await session.advance(.seconds(299))
            #expect(session.channel.isActive)
            await session.advance(.seconds(1))
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
            #expect(!session.channel.isActive)
        }
    }

    @Test("One octet of a command now and then keeps no session open")
    func slowCommand() async throws {
        try await withSession { _, session in
            _ = try await session.reply()
            for _ in 0..<29 {
                try await session.send("N")
                await session.advance(.seconds(10))
            }
            #expect(session.channel.isActive)
            await session.advance(.seconds(10))
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
        }
    }

    @Test("One octet of a message now and then keeps no session open, and nothing of the message stays")
    func slowData() async throws {
        try await withSession { fixture, session in
            try await session.beginMessage()
            for _ in 0..<30 {
                try await session.send("x")
                await session.advance(.seconds(10))
            }
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("A slow line that brings enough is waited for")
    func slowLine() async throws {
        try await withSession { fixture, session in
            try await session.beginMessage()
            for _ in 0..<100 {
                try await session.send(String(repeating: "x", count: 4096) + "\r\n")
                await session.advance(.seconds(60))
            }
            #expect(session.channel.isActive)
            try await session.send(".\r\n")
            #expect(try await session.reply().hasPrefix("250"))
        }
    }

    @Test("A commit may take its time: the client is not blamed, and has the whole idle time afterwards")
    func slowCommit() async throws {
        try await withSession { fixture, session in
            try await session.beginMessage()
            fixture.disk.segmentGate.close()
            try await session.send("Subject: x\r\n\r\n.\r\n")
            for _ in 0..<5 { await session.advance(.seconds(300)) }
            #expect(session.channel.isActive)
            fixture.disk.segmentGate.open()
            #expect(try await session.reply().hasPrefix("250 2.0.0"))
            await session.advance(.seconds(299))
            #expect(session.channel.isActive)
            await session.advance(.seconds(1))
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
        }
    }

    @Test("Sessions of one event loop have one timer, and each its own time")
    func together() async throws {
        try await withSession { fixture, early in
            _ = try await early.reply()
            await early.advance(.seconds(100))
            let late = try await TestingSession(fixture, beside: early)
            _ = try await late.reply()
            await early.advance(.seconds(100))
            #expect(try await early.command("NOOP").hasPrefix("250"))
            await early.advance(.seconds(199))
            #expect(early.channel.isActive && late.channel.isActive)
            await early.advance(.seconds(1))
            #expect(try await late.reply().hasPrefix("421 4.4.2"))
            #expect(early.channel.isActive && !late.channel.isActive)
            await early.advance(.seconds(99))
            #expect(early.channel.isActive)
            await early.advance(.seconds(1))
            #expect(try await early.reply().hasPrefix("421 4.4.2"))
            try await late.end()
        }
    }

    @Test("A session that comes when all others have gone is looked after again")
    func alone() async throws {
        try await withSession { fixture, first in
            _ = try await first.reply()
            #expect(try await first.command("QUIT").hasPrefix("221"))
            await first.advance(.seconds(400))
            let second = try await TestingSession(fixture, beside: first)
            _ = try await second.reply()
            await first.advance(.seconds(299))
            #expect(second.channel.isActive)
            await first.advance(.seconds(1))
            #expect(try await second.reply().hasPrefix("421 4.4.2"))
            try await second.end()
        }
    }
}
