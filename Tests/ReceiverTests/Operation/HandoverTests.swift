import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool
import Synchronization
import Testing

@testable import Receiver

@Suite("An upgrade while mail comes", .timeLimit(.minutes(10)))
struct HandoverTests {
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private static func configuration(_ socket: SharedSocket) -> ReceiverConfiguration {
        var configuration = ReceiverFixture.configuration()
        configuration.inheritedSockets = [socket.handOver()]
        return configuration
    }

    @Test("The new receiver waits for the old one's spool, no connection is refused, and every 250 is in the spool")
    func underLoad() async throws {
        let socket = try SharedSocket()
        let first = try await RunningReceiver.start(Self.configuration(socket))
        let acknowledged = Acknowledged()
        let isOver = Flag()
        let log = RecordedLog()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in 0..<10 {
                group.addTask {
                    var message = 0
                    while !isOver.isSet {
                        // Thrown by a refused connection, and by nothing else.
                        let client = try await SMTPTestClient.connect(to: socket.address)
                        while !isOver.isSet {
                            message += 1
                            guard
                                try await Self.deliver(
                                    "\(session)/\(message)", by: client, greets: message, acknowledged)
                            else { break }
                        }
                        await client.close()
                        message = 0
                    }
                }
            }
            try await Self.until { acknowledged.bodies.count >= 100 }
            let isWaiting = Flag()
            async let second = RunningReceiver.start(
                Self.configuration(socket), spool: first.spool, logger: log.logger
            ) { if $0 == .waitingForLock { isWaiting.set() } }
            try await Self.until { isWaiting.isSet }
            let before = acknowledged.bodies.count
            // The old one goes on while the new one waits.
            try await Self.until { acknowledged.bodies.count >= before + 20 }
            await first.beginShutdown()
            try await first.ended()
            let successor = try await second
            let after = acknowledged.bodies.count
            try await Self.until { acknowledged.bodies.count >= after + 100 }
            isOver.set()
            try await group.waitForAll()
            try await successor.stop()
        }
        let stored = Set(try first.spool.messages().map(\.message.id.description))
        #expect(Set(acknowledged.bodies.keys).subtracting(stored).isEmpty)
        #expect(log.lines("waiting for another receiver to give the spool up").count == 1)
    }

    /// Looks again and again, with room for others between; the suite's time limit ends a wait without end.
    private static func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// One message. False where the session was told to go, or is at its end: the sender connects again.
    private static func deliver(
        _ text: String, by client: SMTPTestClient, greets message: Int, _ acknowledged: Acknowledged
    ) async throws -> Bool {
        guard let begun = try? await client.beginMessage(greets: message == 1), begun.hasPrefix("354"),
            let reply = try? await client.command("Subject: \(text)\r\n\r\n.")
        else { return false }
        guard reply.hasPrefix("250 2.0.0 Ok: queued") else { return false }
        acknowledged.add(reply, text)
        return true
    }

    @Test("A shutdown while the new receiver waits ends it in order, and the old one goes on")
    func givenUp() async throws {
        let first = try await RunningReceiver.start()
        let (waiting, source) = AsyncStream.makeStream(of: Void.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = ReceiverService(
            configuration: ReceiverFixture.configuration(), layout: first.spool.layout,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger,
            onPhase: { if $0 == .waitingForLock { source.yield() } })
        let running = Task { try await service.run() }
        for await _ in waiting { break }
        running.cancel()
        try await running.value
        #expect(!service.isListening)
        let client = try await SMTPTestClient.connect(to: first.address)
        #expect(await client.reply()?.hasPrefix("220") == true)
        try await first.stop()
    }

    @Test("A descriptor that is no listening socket is named")
    func notASocket() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.inheritedSockets = [open("/dev/null", O_RDONLY | O_CLOEXEC)]
        let error = await #expect(throws: ReceiverError.self) { try await RunningReceiver.start(configuration) }
        #expect(error?.message.contains("no listening socket") == true)
    }
}
