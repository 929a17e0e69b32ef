import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Receiver

@Suite("A status listener that is lost", .timeLimit(.minutes(10)))
struct LostStatusListenerTests {
    @Test("It is opened again as often as that happens, and each time is told; it ends with its task")
    func comesBack() async throws {
        let fixture = try ReceiverFixture()
        let probe = DiskProbe(layout: fixture.spool.layout, fileSystem: fixture.disk)
        let log = RecordedLog()
        let endpoint = StatusEndpoint(
            listener: .init(host: "127.0.0.1", port: 0),
            health: ReceiverHealth(
                writer: fixture.writer, space: fixture.environment.space, probe: probe, patience: .seconds(60)
            ) { true }, metrics: { "" }, group: MultiThreadedEventLoopGroup.singleton, logger: log.logger)
        let (addresses, source) = AsyncStream.makeStream(of: SocketAddress.self)
        let serving = Task { await endpoint.run { source.yield($0) } }
        var iterator = addresses.makeAsyncIterator()
        for losses in 0..<3 {
            let address = try #require(await iterator.next())
            #expect(try await HTTPProbe.get("/livez", at: address).status == 200)
            #expect(log.messages(at: .error).count == losses)
            if losses < 2 { try SharedSocket.breakDown(at: address) }
        }
        serving.cancel()
        await serving.value
        #expect(log.messages(at: .error).count == 2, "an end in order is no loss")
        probe.stop()
        await fixture.close()
    }
}
