import MailModel
import NIOCore
import NIOEmbedded
import Spool
import Testing

@testable import Receiver

@Suite("A message in chunks from the client into the spool", .timeLimit(.minutes(10)))
struct ChunkTests {
    private func open(_ address: SocketAddress) async throws -> SMTPTestClient {
        let client = try await SMTPTestClient.connect(to: address)
        _ = await client.reply()
        #expect(try await client.command("EHLO c")?.contains("250-CHUNKING") == true)
        return client
    }

    private func envelope(_ client: SMTPTestClient, parameters: String = "") async throws {
        try await client.command("MAIL FROM:<a@b.test>\(parameters)")
        try await client.command("RCPT TO:<u@example.com>")
    }

    @Test(
        "Chunks of all sizes give the message, small and large",
        arguments: [[10], [70_000, 0, 1, 70_000], [3_000_000, 500_000]])
    func stored(sizes: [Int]) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await open(address)
            try await envelope(client)
            for size in sizes {
                let content = [UInt8](repeating: UInt8(ascii: "."), count: size)
                try await client.send(Array("BDAT \(size)\r\n".utf8) + content)
                #expect(await client.reply() == "250 2.0.0 Chunk received")
                #expect(try fixture.spool.messages().isEmpty)
            }
            #expect(try await client.command("BDAT 2 LAST\r\n")?.contains("queued as") == true)
            let stored = try #require(try fixture.spool.messages().first)
            #expect(stored.body.count == sizes.reduce(2, +))
            #expect(stored.message.envelope.transmission == "ESMTP")
            #expect(!stored.message.envelope.isLastLineCompleted)
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("The record says what was done: last line, bare newlines, a forged verdict")
    func record() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await open(address)
            try await envelope(client, parameters: " SMTPUTF8 BODY=8BITMIME")
            let text = "Authentication-Results: MX1.example.com;\r\n\tspf=pass\r\nSubject: é\n\r\nend"
            try await client.send("BDAT \(text.utf8.count) LAST\r\n" + text)
            #expect(await client.reply()?.hasPrefix("250 2.0.0 Ok: queued as") == true)
            let stored = try #require(try fixture.spool.messages().first)
            #expect(String(decoding: stored.body, as: UTF8.self) == "Subject: é\r\n\r\nend\r\n")
            #expect(stored.text.contains(" with UTF8SMTP id "))
            let envelope = stored.message.envelope
            #expect(envelope.isSMTPUTF8 && envelope.is8BitMIME && envelope.isLastLineCompleted)
            #expect(envelope.normalizedNewlines == 1 && envelope.removedResults == 1)
        }
    }

    @Test(
        "A message that was here before, or passed too many hosts, is a loop; one less is none", arguments: [99, 100])
    func loop(hops: Int) async throws {
        try await ReceiverFixture.run { _, address in
            let client = try await open(address)
            try await envelope(client)
            let text = String(repeating: "Received: from a by b\r\n", count: hops) + "\r\nx\r\n"
            try await client.send("BDAT \(text.utf8.count) LAST\r\n" + text)
            #expect(await client.reply()?.hasPrefix(hops == 99 ? "250" : "554 5.4.6") == true)
            try await client.beginMessage(greets: false)
            let own =
                "Received: from a\r\n\tby mx1.example.com with ESMTP id 01jd5y0c8q3v6h2k9m4n7p1r5s; x\r\n\r\nx\r\n.\r\n"
            try await client.send(own)
            #expect(await client.reply()?.hasPrefix("554 5.4.6") == true)
        }
    }

    @Test("A refused chunk of any size is read to its end, nothing of it stays, and the next message is taken")
    func refused() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = .mib(2)
        try await ReceiverFixture.run(configuration) { fixture, address in
            let client = try await open(address)
            for _ in 0..<3 {
                try await envelope(client)
                let content = String(repeating: "QUIT\r\n", count: 300_000)
                try await client.send("BDAT \(content.utf8.count)\r\n" + content)
                #expect(await client.reply()?.hasPrefix("250") == true)
                try await client.send("BDAT \(content.utf8.count)\r\n" + content + "BDAT 6 LAST\r\nQUIT\r\n")
                #expect(await client.reply()?.hasPrefix("552 5.3.4") == true)
                #expect(await client.reply()?.hasPrefix("552 5.3.4") == true)
                #expect(try await client.command("DATA")?.hasPrefix("503 5.5.1") == true)
            }
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            try await envelope(client)
            try await client.send("BDAT 3 LAST\r\nx\r\n")
            #expect(await client.reply()?.contains("queued as") == true)
            #expect(try fixture.spool.messages().count == 1)
        }
    }

    @Test(
        "What ends a message between two chunks leaves nothing of it",
        arguments: ["RSET", "EHLO c", "QUIT", "BDAT x", "(fin)", "(rst)"])
    func ended(by command: String) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await open(address)
            try await envelope(client)
            try await client.send("BDAT 2000000\r\n" + String(repeating: "x", count: 2_000_000))
            #expect(await client.reply()?.hasPrefix("250") == true)
            switch command {
            case "(fin)": try await client.halfClose()
            case "(rst)": try await client.reset()
            default: #expect(try await client.command(command) != nil)
            }
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().isEmpty)
        }
    }

    @Test("A chunk that is cut short is never accepted", arguments: [0, 1, 2_000_000])
    func cut(octets: Int) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await open(address)
            try await envelope(client)
            try await client.send("BDAT \(octets + 1) LAST\r\n" + String(repeating: "x", count: octets))
            try await client.halfClose()
            #expect(await client.rest().isEmpty)
            try await fixture.eventually { try fixture.isAtRest && fixture.spool.largeFiles().isEmpty }
            await fixture.closeWriter()
            #expect(try fixture.spool.messages().isEmpty)
        }
    }

    @Test("One octet a chunk, now and then, does not keep a session open for ever")
    func slow() async throws {
        var limits = ReceiverLimits()
        limits.idleTimeout = .seconds(100)
        let fixture = try ReceiverFixture(ReceiverFixture.configuration(limits))
        let session = try await TestingSession(fixture)
        _ = try await session.reply()
        for line in ["EHLO c", "MAIL FROM:<a@b.test>", "RCPT TO:<u@example.com>"] {
            _ = try await session.command(line)
        }
        var reply = ""
        for _ in 0..<4 where !reply.hasPrefix("421") {
            try await session.send("BDAT 1\r\nx")
            reply = try await session.reply()
            await session.advance(.seconds(40))
        }
        #expect(reply.hasPrefix("250 2.0.0 Chunk") && !session.channel.isActive || reply.hasPrefix("421 4.4.2"))
        try await session.end()
        await fixture.close()
    }
}
