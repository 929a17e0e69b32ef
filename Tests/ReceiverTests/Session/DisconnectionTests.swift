import MailModel
import NIOCore
import Spool
import Testing

@testable import Receiver

@Suite("A client that goes", .timeLimit(.minutes(10)))
struct DisconnectionTests {
    @Test("A FIN right behind the final dot still gets its 250, and QUIT its 221")
    func halfClose() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.segmentGate.close()
            try await client.send("Subject: x\r\n\r\n.\r\nQUIT\r\n")
            try await client.halfClose()
            try await fixture.eventually { fixture.environment.space.reservedBytes > 0 }
            fixture.disk.segmentGate.open()
            let replies = await client.rest()
            #expect(replies.map { $0.prefix(9) } == ["250 2.0.0", "221 2.0.0"])
            #expect(try fixture.spool.messages().count == 1)
        }
    }

    @Test("A FIN without QUIT ends the session once everything due is said")
    func halfCloseOnly() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            try await client.send("Subject: x\r\n\r\n.\r\nNOOP\r\nNO")
            try await client.halfClose()
            #expect(await client.rest().count == 2)
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
            #expect(try fixture.spool.messages().count == 1)
        }
    }

    @Test("QUIT and FIN in one go get the 221")
    func quit() async throws {
        try await ReceiverFixture.run { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.send("QUIT\r\n")
            try await client.halfClose()
            #expect(await client.rest().map { $0.prefix(3) } == ["221"])
        }
    }

    @Test("A message cut short is never accepted", arguments: [0, 100, 70_000, 700_000, 3_000_000], [true, false])
    func cut(octets: Int, isHalf: Bool) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage(parameters: " SIZE=3000000")
            try await client.send([UInt8](repeating: UInt8(ascii: "x"), count: octets) + "\r\n.\r".utf8)
            if isHalf {
                try await client.halfClose()
                #expect(await client.rest().isEmpty)
            } else {
                await client.close()
            }
            try await fixture.eventually { fixture.environment.admission.sessions == 0 && fixture.isAtRest }
            try await fixture.eventually { try fixture.spool.largeFiles().isEmpty }
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().isEmpty)
        }
    }

    @Test("A client that is gone before its 250 leaves the message in the spool", arguments: [100, 3_000_000])
    func goneBeforeReply(octets: Int) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.segmentGate.close()
            try await client.send([UInt8](repeating: UInt8(ascii: "x"), count: octets) + "\r\n.\r\n".utf8)
            try await fixture.eventually {
                try octets < 1 << 20 || fixture.spool.largeFiles().contains { !$0.hasSuffix(".part") }
            }
            await client.close()
            fixture.disk.segmentGate.open()
            try await fixture.eventually { fixture.environment.statistics.snapshot.messagesAccepted == 1 }
            try await fixture.eventually { fixture.environment.admission.sessions == 0 && fixture.isAtRest }
            #expect(try fixture.spool.messages().map(\.body.count) == [octets + 2])
        }
    }

    @Test("A client that is gone while its body waits for the disk leaves nothing")
    func goneDuringSpill() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            fixture.disk.largeGate.close()
            let sending = client.sendLater(ByteBuffer(repeating: UInt8(ascii: "x"), count: 4_000_000))
            try await fixture.eventually { try !fixture.spool.largeFiles().isEmpty }
            try await client.reset()
            try? await sending.get()
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
            fixture.disk.largeGate.open()
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
        }
    }
}
