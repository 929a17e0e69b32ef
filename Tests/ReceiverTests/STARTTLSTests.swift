import Foundation
import MailModel
import NIOCore
import Spool
import SystemTLS
import TestKit
import Testing

@testable import Receiver

@Suite("STARTTLS", .timeLimit(.minutes(10)))
struct STARTTLSTests {
    /// A certificate of its own, made with `openssl`.
    static func identity(in spool: TestSpool) async throws -> TLSServerIdentity {
        let (certificate, key) = (spool.layout.directory + "/mx.pem", spool.layout.directory + "/mx.key")
        let made = try await HostProgram.finished(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=mx1.example.com",
                "-keyout", key, "-out", certificate,
            ])
        try #require(made.isSuccess, "\(made.text)")
        return try TLSServerIdentity(certificateFile: certificate, keyFile: key, listener: "test")
    }

    @Test("A foreign client goes over to TLS and its message says so")
    func endToEnd() async throws {
        let spool = try TestSpool()
        let receiver = try await RunningReceiver.start(tls: Self.identity(in: spool))
        let port = try #require(receiver.address.port)
        let script = """
            import smtplib, ssl
            context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
            with smtplib.SMTP("127.0.0.1", \(port), local_hostname="python.test", timeout=30) as client:
                client.ehlo(); assert client.has_extn("starttls")
                client.starttls(context=context); client.ehlo(); assert not client.has_extn("starttls")
                for size in (0, 100, 3000000):
                    client.sendmail("a@b.test", ["u@example.com"], b"Subject: s\\r\\n\\r\\n" + b"x" * size + b"\\r\\n")
                try: client.docmd("STARTTLS")[0] == 503 or exit(1)
                finally: pass
            """
        let run = try await HostProgram.finished("python3", ["-c", script])
        #expect(run.isSuccess, "\(run.text)")
        try await receiver.stop()
        let stored = try receiver.spool.messages()
        #expect(stored.map(\.body.count) == [16, 116, 3_000_016])
        for message in stored {
            #expect(message.message.envelope.transmission == "ESMTPS")
            #expect(message.message.envelope.tls?.hasPrefix("TLSv1.3 ") == true)
            #expect(message.text.prefix(400).contains("\r\n\t(TLSv1.3 "))
        }
    }

    @Test(
        "Commands sent in clear behind STARTTLS are never carried out",
        arguments: [
            "NOOP\r\n", "EHLO x\r\n", "RSET\r\nMAIL FROM:<evil@x.test>\r\n", "x",
        ])
    func injectedInOnePiece(injected: String) async throws {
        let spool = try TestSpool()
        try await ReceiverFixture.run(tls: Self.identity(in: spool)) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            try await client.send("STARTTLS\r\n" + injected)
            #expect(await client.rest().map { $0.prefix(9) } == ["554 5.5.0"])
        }
    }

    @Test("Nor when they come cut in two, before our 220", arguments: ["STARTTLS\r", "STARTT", "STARTTLS"])
    func injectedInTwoPieces(first: String) async throws {
        let spool = try TestSpool()
        try await ReceiverFixture.run(tls: Self.identity(in: spool)) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            try await client.send(first)
            try await client.send(Array("STARTTLS\r\nNOOP\r\n".utf8.dropFirst(first.utf8.count)))
            #expect(await client.rest().map { $0.prefix(9) } == ["554 5.5.0"])
        }
    }

    @Test(
        "Clear text behind the 220 ends the connection without an answer",
        arguments: ["NOOP\r\n", "MAIL FROM:<evil@x.test>\r\n"])
    func injectedAfterReply(injected: String) async throws {
        let spool = try TestSpool()
        try await ReceiverFixture.run(tls: Self.identity(in: spool)) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO c")
            #expect(try await client.command("STARTTLS")?.hasPrefix("220 2.0.0") == true)
            try await client.send(injected)
            // A TLS alert may come, no reply.
            #expect(await client.rest().isEmpty)
            try await fixture.eventually { fixture.environment.admission.sessions == 0 }
        }
    }

    @Test("STARTTLS in a transaction, without EHLO or without a certificate is refused and the session goes on")
    func outOfPlace() async throws {
        let spool = try TestSpool()
        try await ReceiverFixture.run(tls: Self.identity(in: spool)) { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            #expect(try await client.command("STARTTLS")?.hasPrefix("503") == true)
            #expect(try await client.command("EHLO c")?.contains("250 STARTTLS") == true)
            try await client.command("MAIL FROM:<a@b.test>")
            #expect(try await client.command("STARTTLS")?.hasPrefix("503 5.5.1") == true)
            #expect(try await client.command("STARTTLS now")?.hasPrefix("501 5.5.4") == true)
            #expect(try await client.command("RSET")?.hasPrefix("250") == true)
        }
        try await ReceiverFixture.run { _, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            #expect(try await client.command("EHLO c")?.contains("STARTTLS") == false)
            #expect(try await client.command("STARTTLS")?.hasPrefix("502 5.5.1") == true)
        }
    }
}
