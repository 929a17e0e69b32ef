import Logging
import NIOCore
import Spool
import Testing

@testable import Receiver

@Suite("A listening socket that is lost", .timeLimit(.minutes(10)))
struct LostListenerTests {
    /// One that takes no connections and says that all is well would be worse: nobody starts it again.
    @Test("It ends the receiver with an error that names the address; nothing acknowledged is lost")
    func ends() async throws {
        let socket = try SharedSocket()
        var configuration = ReceiverFixture.configuration()
        configuration.inheritedSockets = [socket.handOver()]
        let log = RecordedLog()
        let receiver = try await RunningReceiver.start(configuration, logger: log.logger)
        let client = try await SMTPTestClient.connect(to: receiver.address)
        try await client.beginMessage()
        #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
        socket.breakDown()
        let error = await #expect(throws: (any Error).self) { try await receiver.ended() }
        #expect("\(error.map { "\($0)" } ?? "")".contains("listening socket"))
        #expect("\(error.map { "\($0)" } ?? "")".contains(":\(socket.address.port ?? 0)"))
        #expect(await client.rest().map { $0.prefix(9) } == ["421 4.3.2"], "who is connected is told")
        #expect(log.lines("ending: no more mail can be taken").map(\.level) == [.error])
        #expect(try receiver.spool.messages().count == 1)
    }

    @Test("One that is closed in order is told to nobody")
    func inOrder() async throws {
        let receiver = try await RunningReceiver.start()
        try await receiver.stop()
    }
}
