import MailModel
import NIOCore
import NIOEmbedded
import Testing

@testable import Receiver

@Suite("Back-pressure", .timeLimit(.minutes(10)))
struct BackPressureTests {
    private func withSession(
        _ limits: ReceiverLimits = ReceiverLimits(), _ body: (ReceiverFixture, TestingSession) async throws -> Void
    ) async throws {
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits))
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

    @Test("A flood while a commit is in work is read up to the limit, and read on after the 250")
    func flood() async throws {
        try await withSession { fixture, session in
            try await session.beginMessage()
            fixture.disk.segmentGate.close()
            try await session.send("Subject: x\r\n\r\n.\r\n")
            #expect(await session.read())
            try await session.send(String(repeating: "x", count: fixture.environment.limits.waitingInput.bytes - 1))
            #expect(await session.read())
            try await session.send("\n")
            #expect(await !session.read())
            let before = session.reads.count
            fixture.disk.segmentGate.open()
            #expect(try await session.reply().hasPrefix("250 2.0.0"))
            await session.channel.testingEventLoop.run()
            #expect(session.reads.count > before)
        }
    }

    @Test("A client that does not read its replies is not read")
    func unread() async throws {
        try await withSession { _, session in
            _ = try await session.reply()
            #expect(await session.read())
            try await session.setWritable(false)
            #expect(await !session.read())
            let before = session.reads.count
            try await session.setWritable(true)
            #expect(session.reads.count == before + 1)
        }
    }

    @Test("A client that never reads its replies is given up after the idle time")
    func neverRead() async throws {
        try await withSession { fixture, session in
            _ = try await session.reply()
            try await session.setWritable(false)
            await session.advance(fixture.environment.limits.idleTimeout)
            #expect(try await session.reply().hasPrefix("421 4.4.2"))
            #expect(!session.channel.isActive)
        }
    }

    @Test("A body whose pieces wait for the disk stops the reading, and the disk starts it again")
    func disk() async throws {
        try await withSession { fixture, session in
            try await session.beginMessage()
            fixture.disk.largeGate.close()
            #expect(await session.read())
            for _ in 0..<40 {
                try await session.send(
                    String(repeating: "y", count: 63) + "\r\n" + String(repeating: "x", count: 65_000))
            }
            #expect(await !session.read())
            // The fault is ours: however long it takes, the client is not blamed.
            for _ in 0..<5 { await session.advance(fixture.environment.limits.idleTimeout) }
            #expect(session.channel.isActive)
            let before = session.reads.count
            fixture.disk.largeGate.open()
            try await fixture.eventually { session.reads.count > before }
            try await session.send("\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("250 2.0.0"))
        }
    }

    @Test("With the memory spent a body waits for the disk after its first small piece")
    func spentMemory() async throws {
        var limits = ReceiverLimits()
        limits.bodyMemory = .kib(1)
        try await withSession(limits) { fixture, session in
            try await session.beginMessage()
            fixture.disk.largeGate.close()
            try await session.send(String(repeating: "x", count: 60_000))
            #expect(await session.read())
            try await session.send(String(repeating: "x", count: 10_000))
            #expect(await !session.read())
            fixture.disk.largeGate.open()
            try await fixture.eventually { fixture.environment.bodies.budget.bytes == 0 }
            try await session.send("\r\n.\r\n")
            #expect(try await session.reply().hasPrefix("250 2.0.0"))
            #expect(try fixture.spool.messages().map(\.body.count) == [70_002])
        }
    }
}
