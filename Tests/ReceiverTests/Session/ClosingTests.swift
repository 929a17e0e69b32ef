import Glibc
import MailModel
import NIOCore
import NIOEmbedded
import NIOPosix
import Spool
import Testing

@testable import Receiver

@Suite("The last reply arrives", .timeLimit(.minutes(10)))
struct ClosingTests {
    @Test("A client that talks before the banner is told so, and sent away")
    func earlyTalker() async throws {
        let fixture = try ReceiverFixture()
        for (early, reply) in [("EHLO spam\r\n", "554 5.5.0"), ("", "220 mx1.e")] {
            // Over TCP it would be a race whether the octets are there when the server looks.
            var sockets: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
            try #require(write(sockets[0], early, early.utf8.count) == early.utf8.count)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = SMTPSessionHandler(environment: fixture.environment)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .withConnectedSocket(sockets[1]).get()
            var answer = [UInt8](repeating: 0, count: 200)
            let octets = read(sockets[0], &answer, answer.count)
            #expect(String(decoding: answer.prefix(max(0, octets)), as: UTF8.self).hasPrefix(reply))
            #expect(close(sockets[0]) == 0)
            try await channel.closeFuture.get()
        }
        await fixture.close()
    }

    @Test(
        "A refusal that ends the session is read by a client that is still sending",
        arguments: [
            ("GET / HTTP/1.1\r\n", "221 2.7.0"), ("BDAT x\r\n", "501 5.5.4"), ("EHLO a\r\nNOOP\r\n", "554 5.5.0"),
            ("BDAT 2147483647 LAST\r\n", "503 5.5.1"),
        ])
    func stillSending(line: String, reply: String) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            let flood = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            try await client.send(Array(line.utf8) + flood)
            try? await client.send(flood)
            #expect(await client.rest().map { String($0.prefix(9)) } == [reply])
            await client.close()
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
        }
    }

    @Test("A client that sends for ever, or says nothing more, is not waited for")
    func bounded() async throws {
        var limits = ReceiverLimits()
        (limits.linger, limits.lingerOctets) = (.seconds(5), .kib(64))
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits))
        for isSilent in [true, false] {
            let session = try await TestingSession(fixture)
            _ = try await session.reply()
            try await session.send("GET /\r\n")
            #expect(try await session.reply().hasPrefix("221"))
            if isSilent {
                await session.advance(.seconds(6))
            } else {
                for _ in 0..<3 where session.channel.isActive {
                    try? await session.send(String(repeating: "x", count: 40_000))
                }
                await session.channel.testingEventLoop.run()
            }
            #expect(!session.channel.isActive)
            try await session.end()
        }
        try await fixture.eventually { fixture.environment.admission.sessions == 0 }
        await fixture.close()
    }
}
