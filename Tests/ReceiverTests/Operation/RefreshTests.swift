import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Receiver

@Suite("What is looked at again and again", .timeLimit(.minutes(10)))
struct RefreshTests {
    @Test("Free space that is not known is complained of once for each reason, and its end is told")
    func freeSpace() async throws {
        let configuration = ReceiverFixture.configuration()
        let fixture = try ReceiverFixture(configuration)
        let log = RecordedLog()
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let operation = ReceiverOperation(
            environment: fixture.environment, known: KnownRecipients(layout: fixture.spool.layout), pool: pool,
            layout: fixture.spool.layout, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: log.logger
        ) { true }
        for (number, complaints, ends) in [
            (nil, 0, 0), (EIO, 1, 0), (EIO, 1, 0), (EACCES, 2, 0), (EACCES, 2, 0), (nil, 2, 1), (nil, 2, 1),
            (EIO, 3, 1),
        ] as [(Int32?, Int, Int)] {
            fixture.disk.failFree(with: number)
            await operation.refresh()
            #expect(log.lines("free space unknown").count == complaints)
            #expect(log.lines("free space known again").count == ends)
        }
        operation.stop()
        await fixture.close()
        try await pool.shutdownGracefully()
    }
}
