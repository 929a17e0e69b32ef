import Foundation
import TestKit
import Testing

/// Addresses and guesses at addresses, at the real binary.
@Suite(.serialized)
struct ReceiverAddressTests {
    private static let long = String(repeating: "a", count: 60)

    /// RFC 5321 §4.1.2, §4.1.3, §4.5.3.1 and the examples of RFC 3696 §3, with its errata.
    private static let table: [(address: String, code: String)] = [
        ("user", "501"), ("@example.test", "501"), ("user@", "501"), ("", "501"), ("a@b@example.test", "550"),
        ("Abc\\@def@example.test", "501"), ("\"Abc@def\"@example.test", "550"), ("\"Joe Blow\"@example.test", "250"),
        ("\"Fred\\ Bloggs\"@example.test", "250"), ("customer/department=shipping@example.test", "250"),
        ("$A12345@example.test", "250"), ("!def!xyz%abc@example.test", "550"), ("_somename@example.test", "250"),
        ("first.last@example.test", "250"), (".first.last@example.test", "250"), ("first.last.@example.test", "250"),
        ("first..last@example.test", "250"), ("\"first..last\"@example.test", "250"), ("\"\"@example.test", "250"),
        ("\"\\\"\"@example.test", "250"), ("\"\"\"@example.test", "501"), ("\"a\"b@example.test", "501"),
        ("a\"b\"@example.test", "501"), ("first\\last@example.test", "501"), ("first(comment)@example.test", "501"),
        ("(comment)first@example.test", "501"), ("first last@example.test", "501"), ("a,b@example.test", "501"),
        ("a;b@example.test", "501"), ("a:b@example.test", "501"), ("a[b@example.test", "501"),
        ("user@-example.test", "501"), ("user@example-.test", "501"), ("user@example..test", "501"),
        ("user@.example.test", "501"), ("user@example.test.", "501"), ("user@exa_mple.test", "550"),
        ("user@[192.0.2.1]", "550"), ("user@[192.0.2.256]", "501"), ("user@[192.0.2]", "501"), ("user@[]", "501"),
        ("user@[IPv6:2001:db8::1]", "550"), ("user@[IPv6:2001:db8::1::]", "501"), ("user@[IPv6:::12345]", "501"),
        ("user@[IPv6:::ffff:192.0.2.1]", "550"), ("user@[192.0.2.1", "501"), ("user@192.0.2.1]", "501"),
        ("postmaster@[127.0.0.1]", "250"), ("postmaster@[127.0.0.2]", "550"), ("abuse@[IPv6:::ffff:127.0.0.1]", "250"),
        ("u@" + String(repeating: "b", count: 63) + ".test", "550"),
        ("u@" + String(repeating: "b", count: 64) + ".test", "501"),
        (long + long + long + long + "a@example.test", "250"), (long + long + long + long + "aa@example.test", "501"),
        ("\"" + long + long + long + long + "\"@example.test", "501"), ("user@example.test> SIZE=1 X<", "555"),
        ("user@EXAMPLE.Test", "250"), ("üser@example.test", "553"), ("user@exämple.test", "553"),
    ]

    @Test("A02: each form of an address gets its answer, and what is taken reaches the spool as one recipient each")
    func forms() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(
                more:
                    "status_listen = \"off\"\n[receive.limits]\nerrors = 1000\nerrors_before_delay = 1000\nrefused_recipients = 1000"
            )
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            let client = try SMTPClient(port: server.port)
            for (address, code) in Self.table {
                #expect(try client.command("MAIL FROM:<a@b.test>").code == 250)
                let reply = try client.command("RCPT TO:<\(address)>")
                #expect("\(reply.code)" == code, "\(address): \(reply)")
                if code == "250" {
                    #expect(try client.command("DATA").code == 354)
                    #expect(try client.command("Subject: x\r\n\r\n.").code == 250, "\(address)")
                } else {
                    #expect(try client.command("RSET").code == 250)
                }
            }
            try client.command("QUIT")
            #expect(try server.terminate() == .exited(0))
            try EndToEnd.expect(site.layover.run(["fsck"]), status: 0)
            let audit = try site.layover.run(["audit", "--limit", "1000", "--format", "json"])
            #expect(audit.outputLines.count == Self.table.count { $0.code == "250" })
            #expect(audit.output.contains("\"recipient\":\"first..last@example.test\""))
        }
    }

    @Test("A06: a sweep through guessed names gets the same answer each time, and an end")
    func sweep() async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(
                more:
                    "status_listen = \"off\"\nunknown_recipients = \"reject\"\n[receive.limits]\nrefused_recipients = 50"
            )
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            let client = try SMTPClient(port: server.port)
            #expect(try client.command("MAIL FROM:<a@b.test>").code == 250)
            // Without a roster nobody can be told from a stranger.
            #expect(try client.command("RCPT TO:<guess0@example.test>").code == 451)
            try Data("layover-roster 1 2\na..b@example.test\nu1@example.test\n".utf8).write(
                to: site.spool.appending(path: "roster.snapshot"))
            server.process.signal(SIGHUP)
            try eventually("the roster is read", within: .seconds(30)) {
                try client.command("RCPT TO:<u1@example.test>").code == 250 ? () : nil
            }
            try client.command("RSET")
            #expect(try client.command("MAIL FROM:<a@b.test>").code == 250)
            #expect(try client.command("RCPT TO:<a..b@example.test>").code == 250)
            var replies: [String: Int] = [:]
            for number in 1...50 {
                replies["\(try client.command("RCPT TO:<guess\(number)@example.test>"))", default: 0] += 1
            }
            #expect(replies.count == 2, "\(replies)")
            #expect(replies.first { $0.key.hasPrefix("550 5.1.1") }?.value == 49, "\(replies)")
            #expect(replies.first { $0.key.hasPrefix("421 4.7.0") }?.value == 1, "\(replies)")
            #expect(throws: LoopbackSocket.Lost.self) { try client.command("NOOP") }
            try server.expectLog("limit=refused_recipients")
            #expect(try server.terminate() == .exited(0))
        }
    }
}
