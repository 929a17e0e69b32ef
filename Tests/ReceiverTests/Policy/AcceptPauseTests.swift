import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Receiver

@Suite("A listener out of descriptors", .timeLimit(.minutes(10)))
struct AcceptPauseTests {
    @Test(
        "It is not asked for connections for a while, says so once, and takes them again",
        arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func pauses(number: Int32) async throws {
        var limits = ReceiverLimits()
        limits.acceptPause = .milliseconds(20)
        let log = RecordedLog()
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits), logger: log.logger)
        let address = try await fixture.listener.bind(to: [.init(host: "127.0.0.1", port: 0)])[0]
        let channel = try #require(fixture.listener.listeningChannels.first)
        for _ in 1...3 {
            try await channel.eventLoop.submit {
                channel.pipeline.fireErrorCaught(IOError(errnoCode: number, reason: "accept"))
                let isReading = try channel.syncOptions?.getOption(.autoRead)
                #expect(isReading == false)
            }.get()
            while try await !channel.getOption(.autoRead).get() { await Task.yield() }
        }
        #expect(log.lines("no connection can be taken for a moment").map(\.level) == [.warning])
        #expect(fixture.environment.statistics.snapshot.limits["open_files"] == 1)
        let client = try await SMTPTestClient.connect(to: address)
        #expect(await client.reply()?.hasPrefix("220") == true)
        await client.close()
        await fixture.close()
    }

    @Test("Any other error is no reason to wait")
    func others() async throws {
        let fixture = try ReceiverFixture()
        _ = try await fixture.listener.bind(to: [.init(host: "127.0.0.1", port: 0)])
        let channel = try #require(fixture.listener.listeningChannels.first)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
        #expect(try await channel.getOption(.autoRead).get())
        await fixture.close()
    }
}
