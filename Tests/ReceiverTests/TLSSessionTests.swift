import MailModel
import NIOCore
import SMTPProtocol
import Spool
import SystemTLS
import Testing

@testable import Receiver

@Suite("What a client says inside TLS, and how it ends", .timeLimit(.minutes(10)))
struct TLSSessionTests {
    private static let greeting = [("send", "EHLO c\r\n"), ("reply", "")]
    private static let envelope = [
        ("send", "MAIL FROM:<a@b.test>\r\n"), ("reply", ""), ("send", "RCPT TO:<u@example.com>\r\n"), ("reply", ""),
    ]
    private static let data = greeting + envelope + [("send", "DATA\r\n"), ("reply", "")]

    /// Runs the conversations and gives for each the codes, and what was stored by all of them.
    private func run(
        _ conversations: [[(String, String)]], bareNewlines: BareNewlinePolicy = .normalize
    ) async throws -> (codes: [String], bodies: [String]) {
        let spool = try TestSpool()
        let identity = try await STARTTLSTests.identity(in: spool)
        var configuration = ReceiverFixture.configuration()
        configuration.bareNewlines = bareNewlines
        var codes: [String] = []
        var bodies: [String] = []
        try await ReceiverFixture.run(configuration, tls: identity) { fixture, address in
            let run = try await TLSConversation.run(conversations, port: address.port ?? 0)
            #expect(run.isSuccess, "\(run.lines)")
            codes = run.lines
            try await fixture.eventually { fixture.environment.admission.sessions == 0 && fixture.isAtRest }
            await fixture.closeWriter()
            bodies = try fixture.spool.messages().map { String(decoding: $0.body, as: UTF8.self) }
        }
        return (codes, bodies)
    }

    @Test(
        "A smuggled end makes no second message, in one record or one for each octet",
        arguments: [BareNewlinePolicy.normalize, .reject])
    func smuggling(policy: BareNewlinePolicy) async throws {
        let smuggled = "MAIL FROM:<evil@sender.test>\r\nRCPT TO:<u@example.com>\r\nDATA\r\nevil\r\n"
        let conversations = MessageTests.sequences.flatMap { sequence in
            ["send", "bytes"].map { word in
                Self.data + [(word, "text" + sequence.0 + smuggled + ".\r\n"), ("reply", ""), ("send", "QUIT\r\n")]
            }
        }
        let result = try await run(conversations, bareNewlines: policy)
        #expect(result.codes.count == conversations.count)
        for (number, codes) in result.codes.enumerated() {
            #expect(codes.wholeMatch(of: /250 250 250 354 (250|550|554) 221 end/) != nil, "\(number): \(codes)")
            #expect(codes == result.codes[number ^ 1], "\(number): whole and byte by byte differ")
        }
        #expect(result.bodies.count == result.codes.filter { $0.contains("354 250") }.count)
        #expect(result.bodies.allSatisfy { $0.hasPrefix("text") && $0.hasSuffix(smuggled) })
    }

    @Test("A message that close_notify or FIN cuts off is told of in the log, once", arguments: ["notify", "fin"])
    func cutOff(ending: String) async throws {
        let identity = try await STARTTLSTests.identity(in: try TestSpool())
        let log = RecordedLog()
        try await ReceiverFixture.run(tls: identity, logger: log.logger) { fixture, address in
            let conversation = Self.data + [("send", "Subject: x\r\n\r\nhalf"), (ending, "")]
            #expect(try await TLSConversation.run([conversation], port: address.port ?? 0).isSuccess)
            try await fixture.eventually { fixture.environment.admission.sessions == 0 && fixture.isAtRest }
        }
        #expect(log.lines("connection lost in a message").count == 1)
    }

    @Test("close_notify or FIN behind the final dot, or the last chunk, still gets the answer")
    func endAfterMessage() async throws {
        let chunk = Self.greeting + Self.envelope + [("send", "BDAT 3 LAST\r\nx\r\n")]
        let dot = Self.data + [("send", "x\r\n.\r\n")]
        let quit = Self.data + [("send", "x\r\n.\r\nQUIT\r\n")]
        let result = try await run([
            dot + [("notify", "")], dot + [("fin", "")], dot + [("notify", ""), ("fin", "")], quit + [("notify", "")],
            chunk + [("notify", "")], chunk + [("fin", "")],
        ])
        #expect(
            result.codes == [
                "250 250 250 354 250 end", "250 250 250 354 250 end", "250 250 250 354 250 end",
                "250 250 250 354 250 221 end", "250 250 250 250 end", "250 250 250 250 end",
            ])
        #expect(result.bodies.count == 6)
    }

    @Test(
        "close_notify, FIN or clear text in the middle of a message stores nothing and is not obeyed (CVE-2026-45185)")
    func endInMessage() async throws {
        let rest = "MAIL FROM:<evil@b.test>\r\n.\r\n"
        let chunk = Self.greeting + Self.envelope + [("send", "BDAT 40 LAST\r\n0123456789")]
        let middle = Self.greeting + Self.envelope + [("send", "BDAT 10\r\n0123456789"), ("reply", "")]
        let data = Self.data + [("send", "text\r\n")]
        let result = try await run(
            [chunk, middle, data].flatMap { start in
                [
                    start + [("notify", ""), ("clear", rest)], start + [("notify", ""), ("fin", "")],
                    start + [("fin", "")],
                    start + [("clear", rest)],
                ]
            })
        #expect(result.bodies.isEmpty)
        let expected = ["250 250 250 end", "250 250 250 250 end", "250 250 250 354 end"]
        #expect(result.codes == expected.flatMap { Array(repeating: $0, count: 4) })
    }

    @Test("Clear text in a session under TLS ends it")
    func clearText() async throws {
        let result = try await run([Self.greeting + [("clear", "NOOP\r\n")], [("clear", "EHLO c\r\n")]])
        #expect(result.codes == ["250 end", "end"])
    }

    @Test("After TLS the client is unknown: no EHLO, no second STARTTLS (RFC 3207 §4.2)")
    func forgotten() async throws {
        let steps = ["MAIL FROM:<a@b.test>", "STARTTLS", "EHLO c", "STARTTLS", "QUIT"].flatMap {
            [("send", $0 + "\r\n"), ("reply", "")]
        }
        #expect(try await run([steps]).codes == ["503 503 250 503 221 end"])
    }
}
