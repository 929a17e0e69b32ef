import Logging
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

    /// How a connection ends in the middle of a message.
    enum Ending: CaseIterable { case halfClose, close, reset }

    @Test(
        "A connection that is lost in a message is told of once, however it ends", arguments: Ending.allCases, [1, 2])
    func told(ending: Ending, chunks: Int) async throws {
        let log = RecordedLog()
        try await ReceiverFixture.run(logger: log.logger) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            if chunks == 1 {
                try await client.beginMessage()
                try await client.send("Subject: x\r\n\r\nhalf")
            } else {
                _ = await client.reply()
                for line in ["EHLO c", "MAIL FROM:<a@sender.test>", "RCPT TO:<u@example.com>"] {
                    try await client.command(line)
                }
                // Between two chunks.
                #expect(try await client.command("BDAT 6\r\nhalf")?.hasPrefix("250") == true)
            }
            try await fixture.eventually { fixture.environment.bodies.budget.bytes > 0 }
            switch ending {
            case .halfClose: try await client.halfClose()
            case .close: await client.close()
            case .reset: try await client.reset()
            }
            try await fixture.eventually { fixture.environment.admission.sessions == 0 && fixture.isAtRest }
            await client.close()
        }
        let lines = log.lines("connection lost in a message")
        #expect(lines.map(\.level) == [.notice])
        #expect(lines.first?.metadata["from"] == "a@sender.test" && lines.first?.metadata["to"] == "u@example.com")
    }

    @Test("A connection that ends without QUIT behind a message, or before one, is told of to nobody")
    func untold() async throws {
        let log = RecordedLog()
        try await ReceiverFixture.run(logger: log.logger) { fixture, address in
            for text in ["Subject: x\r\n\r\n.\r\n", nil] {
                let client = try await SMTPTestClient.connect(to: address)
                if let text {
                    try await client.beginMessage()
                    try await client.send(text)
                } else {
                    _ = await client.reply()
                    try await client.command("EHLO c")
                    try await client.command("MAIL FROM:<a@sender.test>")
                }
                try await client.halfClose()
                _ = await client.rest()
            }
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
        }
        #expect(log.lines("connection lost in a message").isEmpty)
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
