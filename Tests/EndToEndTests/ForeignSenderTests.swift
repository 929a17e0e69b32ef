import Foundation
import TestKit
import Testing

/// The programs that send mail in the world, each with its own idea of SMTP, deliver over STARTTLS into the real binary.
@Suite("Senders of others", .serialized)
struct ForeignSenderTests {
    private static let sender = "jane@sender.test"
    private static let recipients = ["u0@example.test", "u1@example.test"]

    /// Dots at the start of lines, a long line and eight-bit text: what senders treat differently.
    private static let content = """
        Subject: from afar
        From: jane@sender.test
        To: u0@example.test
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        .
        ..two dots, grüße
        \(String(repeating: "long ", count: 190))
        end

        """

    /// A receiver with a certificate of its own, and a directory for the sender.
    private func withReceiver(_ body: @Sendable @escaping (MailSite, UInt16, URL) throws -> Void) async throws {
        try await onThreadOfItsOwn {
            let directory = URL(filePath: "/tmp/layover-sender-\(UInt32.random(in: 0 ... .max))")
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            defer { try? FileManager.default.removeItem(at: directory) }
            let (certificate, key) = (directory.path + "/certificate.pem", directory.path + "/key.pem")
            try HostProgram.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=mx.example.test", "-keyout", key, "-out", certificate,
                ])
            let site = try MailSite(
                more: """
                    status_listen = "off"
                    reverse_names = "off"
                    [receive.tls]
                    certificate = "\(certificate)"
                    key = "\(key)"
                    """)
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            try Data(Self.content.utf8).write(to: directory.appending(path: "mail"))
            try body(site, server.port, directory)
            #expect(try server.terminate() == .exited(0))
        }
    }

    /// Both recipients have it, it came in TLS, and the text is what was sent.
    private static func expectArrived(_ site: MailSite, text: String = "..two dots, grüße\r\n") throws {
        let lines = try eventually("both deliveries are in the audit", within: .seconds(60)) {
            let lines = try AuditLine.lines(of: site.layover.run(["audit", "--format", "json"]))
            return lines.count >= recipients.count ? lines : nil
        }
        #expect(lines.map(\.recipient).sorted() == recipients)
        for line in lines {
            #expect(line.sender == sender && line.tls?.hasPrefix("TLSv1.3") == true && line.state == "held")
        }
        let raw = try site.layover.run(["show", try #require(lines.first).id, "--raw"]).output
        #expect(raw.contains("\r\n.\r\n" + text) && raw.contains("\r\nend\r\n"))
        #expect(raw.contains(String(repeating: "long ", count: 190)))
    }

    @Test("swaks", .enabled(if: HostProgram.path("swaks") != nil, "needs swaks"))
    func swaks() async throws {
        try await withReceiver { site, port, directory in
            try HostProgram.run(
                "swaks",
                [
                    "--server", "127.0.0.1:\(port)", "--tls", "--helo", "sender.test", "--from", Self.sender, "--to",
                    Self.recipients.joined(separator: ","), "--data", "@\(directory.path)/mail",
                ])
            try Self.expectArrived(site)
        }
    }

    @Test("Python's smtplib, also with addresses in UTF-8")
    func smtplib() async throws {
        try await withReceiver { site, port, directory in
            let script = directory.appending(path: "send.py")
            try Data(
                """
                import smtplib, ssl, sys
                context = ssl._create_unverified_context()
                with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as client:
                    client.starttls(context=context)
                    text = open(sys.argv[2], "rb").read()
                    client.sendmail(sys.argv[3], sys.argv[4:], text, mail_options=["BODY=8BITMIME"])
                    client.sendmail("jürgen@sender.test", ["grüße@example.test"], text, mail_options=["SMTPUTF8"])
                    assert client.verify("u0")[0] == 252 and client.docmd("EXPN", "u0")[0] == 502
                    assert client.docmd("HELP")[0] == 214 and client.docmd("ETRN", "x")[0] == 502
                """.utf8
            ).write(to: script)
            try HostProgram.run(
                "python3", [script.path, "\(port)", directory.path + "/mail", Self.sender] + Self.recipients)
            let all = try AuditLine.lines(of: site.layover.run(["audit", "--format", "json"]))
            #expect(all.contains { $0.sender == "jürgen@sender.test" && $0.recipient == "grüße@example.test" })
            #expect(all.count == 3)
        }
    }

    @Test(
        "Postfix's smtp client",
        .enabled(if: HostProgram.path("postfix") != nil && geteuid() == 0, "needs root and postfix"))
    func postfix() async throws {
        try await withReceiver { site, port, directory in
            let instance = try ThrowawayPostfix(in: directory, relayPort: port)
            defer { instance.stop() }
            try instance.send(directory.path + "/mail", from: Self.sender, to: Self.recipients)
            try Self.expectArrived(site)
        }
    }

    @Test("Exim", .enabled(if: ThrowawayExim.isAvailable, "needs root and .build/exim, which Tests/run unpacks"))
    func exim() async throws {
        try await withReceiver { site, port, directory in
            let exim = try ThrowawayExim(in: directory, relayPort: port)
            try exim.send(directory.path + "/mail", from: Self.sender, to: Self.recipients)
            try Self.expectArrived(site)
        }
    }
}
