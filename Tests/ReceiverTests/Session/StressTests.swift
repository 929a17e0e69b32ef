import Logging
import MailModel
import NIOCore
import NIOEmbedded
import Testing

@testable import Receiver

@Suite("A receiver under stress", .timeLimit(.minutes(10)))
struct StressTests {
    private static func configuration() -> ReceiverConfiguration {
        var limits = ReceiverLimits()
        limits.sessions = 10
        limits.stressPercent = 80
        return ReceiverFixture.configuration(limits)
    }

    @Test("It begins at the threshold, ends well below it, and says so once")
    func threshold() throws {
        var limits = ReceiverLimits()
        (limits.sessions, limits.stressPercent) = (100, 80)
        let gauge = StressGauge(limits: limits)
        let told = BoxedChanges()
        gauge.onChange { told.append($0) }
        for sessions in [1, 79, 80, 90, 80, 79, 60, 59, 79, 80] { _ = gauge.note(sessions: sessions) }
        #expect(told.all == [true, false, true] && gauge.isOn)
    }

    @Test("Silent sessions end after the short time, also those that were there before; one that goes on stays")
    func slowMakeRoom() async throws {
        let log = RecordedLog()
        let fixture = try ReceiverFixture(Self.configuration(), logger: log.logger)
        let (silent, good) = (
            try await TestingSession(fixture, from: "192.0.2.1"), try await TestingSession(fixture, from: "192.0.2.2")
        )
        fixture.environment.stress.onChange { _ in
            for session in [silent, good] {
                session.channel.pipeline.fireUserInboundEventTriggered(SessionEvent.stressChanged)
            }
        }
        for session in [silent, good] { _ = try await session.reply() }
        await silent.advance(.seconds(11))
        #expect(try await silent.channel.readOutbound(as: ByteBuffer.self) == nil, "without stress it may be silent")
        var others: [TestingSession] = []
        for index in 3...8 {
            others.append(try await TestingSession(fixture, from: "192.0.2.\(index)"))
            _ = try await others.last?.reply()
        }
        #expect(fixture.environment.stress.isOn)
        // The event, then what it sets off.
        for _ in 1...2 { await silent.advance(.zero) }
        #expect(try await silent.reply().hasPrefix("421 4.4.2"))
        for _ in 0..<5 {
            await good.advance(.seconds(9))
            #expect(try await good.command("NOOP").hasPrefix("250"))
        }
        await good.advance(.seconds(10))
        #expect(try await good.reply().hasPrefix("421 4.4.2"))
        for session in others + [silent, good] { try await session.end() }
        #expect(!fixture.environment.stress.isOn)
        #expect(log.lines("stress begins: slow sessions make room").map(\.level) == [.warning])
        #expect(log.lines("stress is over").map(\.level) == [.notice])
        #expect(fixture.environment.statistics.snapshot.limits["stress_sessions"] == 1)
        await fixture.close()
    }

    @Test("Under stress the third error ends a session, and a good one delivers")
    func errors() async throws {
        var configuration = Self.configuration()
        configuration.limits.stressPercent = 1
        let fixture = try ReceiverFixture(configuration)
        let bad = try await TestingSession(fixture)
        _ = try await bad.reply()
        for _ in 1...2 { #expect(try await bad.command("NONSENSE").hasPrefix("500")) }
        #expect(try await bad.command("NONSENSE").hasPrefix("421 4.7.0"))
        let good = try await TestingSession(fixture, from: "192.0.2.2")
        try await good.beginMessage()
        try await good.send("Subject: x\r\n\r\n.\r\n")
        #expect(try await good.reply().hasPrefix("250"))
        for session in [bad, good] { try await session.end() }
        await fixture.close()
    }
}

/// What a gauge has told, in order.
private final class BoxedChanges: @unchecked Sendable {  // Safe because the test calls the gauge from one thread.
    private(set) var all: [Bool] = []
    func append(_ change: Bool) { all.append(change) }
}
