import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("Addresses that Postfix takes and RFC 5321 would have in quotes, or shorter, reach their mailbox")
    func oddAddresses() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0, receive: "unknown_recipients = \"reject\"")
            defer { migration.end() }
            let (mailbox, domain) = (migration.mailboxes[0], Migration.domain)
            let long = String(repeating: "long", count: 50)
            let aliases = ["a..b@", ".c@", "d.@", "\(long)@"].map { $0 + domain }
            let roster = try migration.site.write(
                "mailbox,login,target,wave,aliases\n\(mailbox.address),,ox,1,\(aliases.joined(separator: " "))\n",
                to: "odd.csv")
            try Self.expect(migration.site.run(["roster", "import", roster]), status: 0)
            let server = try migration.site.startServer()
            let client = try SMTPClient(port: server.port)
            let senders = ["\(long)@list.test", "x..y@docomo.test", "z.@docomo.test", ".q@docomo.test", ""]
            let recipients = aliases + ["\"a..b\"@\(domain)"]
            for (sender, recipient) in zip(senders, recipients) {
                let mail = OutgoingMail(
                    name: recipient, sender: sender, recipients: [recipient],
                    content: Array("Subject: \(recipient)\r\n\r\nx\r\n".utf8))
                let outcome = try client.send(mail)
                #expect(outcome.acknowledgedID != nil, "\(sender) to \(recipient): \(outcome)")
            }
            #expect(try client.command("MAIL FROM:<>").code == 250)
            #expect(try client.command("RCPT TO:<a.b@\(domain)>").code == 550, "another mailbox")
            try client.command("QUIT")
            #expect(try server.terminate() == .exited(0))
            try Self.expect(migration.site.run(["cutover", "--all"]), status: 0)
            try Self.expect(migration.site.run(["replay"]), status: 0)
            let copies = try migration.copies(in: mailbox).map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(copies.count == recipients.count)
            for sender in senders { #expect(copies.contains { $0.hasPrefix("Return-Path: <\(sender)>\r\n") }) }
            for alias in aliases { #expect(copies.contains { $0.contains("\r\nDelivered-To: <\(alias)>\r\n") }) }
            let proof = try migration.prove()
            #expect(proof.balanced && proof.addsUp && (proof.verified, proof.held) == (recipients.count, 0))
        }
    }
}
