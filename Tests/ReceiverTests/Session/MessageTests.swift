import MailModel
import NIOCore
import SMTPProtocol
import Spool
import Testing

@testable import Receiver

@Suite("A message from the client into the spool", .timeLimit(.minutes(10)))
struct MessageTests {
    @Test("A message is stored as it came, below our trace line, under the id that the 250 told")
    func stored() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            #expect(
                try await client.beginMessage(to: ["U@Example.com", "v@example.fr", "U@example.com"])?.hasPrefix("354")
                    == true)
            try await client.send("Subject: hello\r\n\r\n..stuffed\r\n\u{E9}\r\n.\r\n")
            let reply = try #require(await client.reply())
            #expect(try await client.command("QUIT")?.hasPrefix("221 2.0.0") == true)
            #expect(await client.reply() == nil)
            let stored = try #require(try fixture.spool.messages().first)
            #expect(reply == "250 2.0.0 Ok: queued as \(stored.message.id)")
            #expect(String(decoding: stored.body, as: UTF8.self) == "Subject: hello\r\n\r\n.stuffed\r\n\u{E9}\r\n")
            #expect(
                stored.text.hasPrefix(
                    "Received: from client.sender.test ([127.0.0.1])\r\n\tby mx1.example.com with ESMTP id "))
            #expect(stored.message.envelope.recipients.map(\.text) == ["U@example.com", "v@example.fr"])
            #expect(stored.message.envelope.sender.text == "a@sender.test")
            #expect(stored.message.envelope.client == "127.0.0.1")
            #expect(fixture.environment.statistics.snapshot.bytesAccepted == stored.bytes.count)
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test(
        "A first line that is indented does not go on with our trace line, and stays as it came",
        arguments: [" (x) by evil.example with ESMTPS id y\r\nSubject: s\r\n\r\nb\r\n", "\tb\r\n", " \r\n\r\nb\r\n"])
    func indented(text: String) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            for octet in text { try await client.send(String(octet)) }
            try await client.send(".\r\n")
            #expect(await client.reply()?.hasPrefix("250") == true)
            let stored = try #require(try fixture.spool.messages().first)
            #expect(String(decoding: stored.body, as: UTF8.self) == "X-Layover-First-Line:\r\n" + text)
            #expect(fixture.environment.statistics.snapshot.bytesAccepted == stored.bytes.count)
        }
    }

    @Test("A lone CR at the beginning, which becomes a space, is an indented line too")
    func indentedByCarriageReturn() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            try await client.send("\rx\r\n.\r\n")
            #expect(await client.reply()?.hasPrefix("250") == true)
            let stored = try #require(try fixture.spool.messages().first)
            #expect(String(decoding: stored.body, as: UTF8.self) == "X-Layover-First-Line:\r\n x\r\n")
        }
    }

    /// What must not end a message (RFC 5321 §4.1.1.4, CVE-2023-51764), and how it is stored under `normalize`; nil where it is refused.
    static let sequences: [(String, String?)] = [
        ("\n.\n", "\r\n.\r\n"), ("\n.\r", "\r\n. "), ("\r.\n", " .\r\n"), ("\r.\r", " . "), ("\n.\r\n", "\r\n.\r\n"),
        ("\r.\r\n", " .\r\n"), ("\r\n.\r", "\r\n "), ("\r\n.\n", "\r\n\r\n"), ("\r\n.\r\r\n", "\r\n \r\n"),
        ("\r\r\n.\n", " \r\n\r\n"), ("\r\n\0.\r\n", nil), ("\r\n.\0\r\n", nil), ("\r\n.\u{0B}\r\n", "\r\n\u{0B}\r\n"),
        ("\r\n.\u{0C}\r\n", "\r\n\u{0C}\r\n"), ("\r\n.\u{2028}\r\n", "\r\n\u{2028}\r\n"), ("\r\n .\r\n", "\r\n .\r\n"),
        ("\r\n. \r\n", "\r\n \r\n"), ("\r\n.\t\r\n", "\r\n\t\r\n"),
    ]

    @Test(
        "A smuggled end of message makes no second message", arguments: sequences,
        [BareNewlinePolicy.normalize, .reject])
    func smuggling(sequence: (sent: String, stored: String?), policy: BareNewlinePolicy) async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.bareNewlines = policy
        let smuggled =
            "MAIL FROM:<evil@sender.test>\r\nRCPT TO:<u@example.com>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n"
        try await ReceiverFixture.run(configuration) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            try await client.send("Subject: one\r\n\r\ntext" + sequence.sent + smuggled + ".\r\n")
            let reply = try #require(await client.reply())
            #expect(try await client.command("QUIT")?.hasPrefix("221") == true)
            #expect(await client.rest().isEmpty)
            let stored = try fixture.spool.messages()
            let isBare = sequence.stored.map { $0.utf8.elementsEqual(unstuffed(sequence.sent).utf8) } == false
            if sequence.stored == nil || policy == .reject && isBare {
                #expect(reply.hasPrefix(sequence.stored == nil ? "554 5.6.0" : "550 5.5.2"))
                #expect(stored.isEmpty)
            } else {
                #expect(reply.hasPrefix("250 "))
                #expect(
                    stored.map { String(decoding: $0.body, as: UTF8.self) } == [
                        "Subject: one\r\n\r\ntext" + (sequence.stored ?? "") + smuggled
                    ])
            }
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    /// What dot-stuffing alone makes of a sequence without bare CR and LF.
    private func unstuffed(_ text: String) -> String {
        text.utf8.starts(with: "\r\n.".utf8) ? "\r\n" + String(decoding: text.utf8.dropFirst(3), as: UTF8.self) : text
    }

    @Test("One octet at a time gives the same message")
    func octets() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            for command in ["EHLO c", "MAIL FROM:<>", "RCPT TO:<u@example.com>", "DATA"] {
                for octet in command.utf8 { try await client.send([octet]) }
                _ = try await client.command("")
            }
            for octet in "Subject: x\r\n\r\n..a\r\n.b\n.\n\r\n.\r\n".utf8 { try await client.send([octet]) }
            #expect(await client.reply()?.hasPrefix("250") == true)
            #expect(
                try fixture.spool.messages().map { String(decoding: $0.body, as: UTF8.self) } == [
                    "Subject: x\r\n\r\n.a\r\nb\r\n.\r\n\r\n"
                ])
        }
    }

    @Test("Many messages pipelined in one session are all stored, each reply in its place")
    func pipelined() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            for number in 0..<20 {
                try await client.send(
                    "MAIL FROM:<a@b.test>\r\nRCPT TO:<u@example.com>\r\nRCPT TO:<x@elsewhere.test>\r\nDATA\r\n")
                let codes = await [client.reply(), client.reply(), client.reply(), client.reply()].map { $0?.prefix(3) }
                #expect(codes == ["250", "250", "550", "354"])
                // The next command stands behind the message: it waits while the message is written.
                try await client.send("n: \(number)\r\n\r\n.\r\nNOOP\r\n")
                #expect(await client.reply()?.contains("queued as") == true)
                #expect(await client.reply() == "250 2.0.0 Ok")
            }
            let bodies = try fixture.spool.messages().map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies == (0..<20).map { "n: \($0)\r\n\r\n" })
        }
    }

    @Test("The limit is exact, what lies beyond it is read and none of it is obeyed")
    func size() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = ByteCount(100_000)
        try await ReceiverFixture.run(configuration) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            let line = String(repeating: "x", count: 98) + "\r\n"
            try await client.send(String(repeating: line, count: 1000) + ".\r\n")
            #expect(await client.reply()?.hasPrefix("250") == true)
            try await client.beginMessage(greets: false)
            try await client.send(String(repeating: line, count: 1000) + "\r\nMAIL FROM:<evil@x.test>\r\n.\r\n")
            #expect(await client.reply()?.hasPrefix("552 5.3.4") == true)
            #expect(try await client.command("RCPT TO:<u@example.com>")?.hasPrefix("503") == true)
            #expect(try fixture.spool.messages().count == 1)
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("A message without end is ended by the server, and nothing of it stays")
    func endless() async throws {
        var configuration = ReceiverFixture.configuration()
        configuration.maximumMessageSize = .mib(2)
        try await ReceiverFixture.run(configuration) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
            // The server closes in the middle: what is sent after that fails, as it must.
            for _ in 0..<200 { try? await client.send(piece) }
            try await fixture.eventually { fixture.isAtRest && fixture.environment.admission.sessions == 0 }
            try await fixture.eventually { try fixture.spool.largeFiles().isEmpty }
            #expect(try fixture.spool.messages().isEmpty)
        }
    }

    @Test(
        "SIZE values that cannot be are refused, and the session lives",
        arguments: [
            "-1", "", "18446744073709551615", "18446744073709551616", "9223372036854775807", "9223372036854775808",
            "99999999999999999999999",
            "1e9", "0x10", "26214401",
        ])
    func absurdSize(size: String) async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            let reply = try #require(try await client.command("MAIL FROM:<a@b.test> SIZE=\(size)"))
            #expect(reply.hasPrefix("501 5.5.4") || reply.hasPrefix("552 5.3.4"))
            for declared in ["0", "26214400"] {
                #expect(try await client.command("MAIL FROM:<a@b.test> SIZE=\(declared)")?.hasPrefix("250") == true)
                try await client.command("RCPT TO:<u@example.com>")
                try await client.command("DATA")
                #expect(try await client.command("\r\n.")?.hasPrefix("250 2.0.0") == true)
            }
            // The promise is given back with the writer's last reference, which may be after the client has its 250.
            try await fixture.eventually { fixture.isAtRest }
        }
    }

    @Test("A message that has passed too many servers is a loop")
    func loop() async throws {
        try await ReceiverFixture.run { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            try await client.beginMessage()
            let hop = "Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
            #expect(
                try await client.command(String(repeating: hop, count: 99) + "\r\ntext\r\n.")?.hasPrefix("250") == true)
            try await client.beginMessage(greets: false)
            #expect(
                try await client.command(String(repeating: hop, count: 100) + "\r\ntext\r\n.")?.hasPrefix("554 5.4.6")
                    == true)
            // The state is reset.
            #expect(try await client.command("RCPT TO:<u@example.com>")?.hasPrefix("503") == true)
            #expect(try fixture.spool.messages().count == 1)
            try await fixture.eventually { fixture.isAtRest }
        }
    }
}
