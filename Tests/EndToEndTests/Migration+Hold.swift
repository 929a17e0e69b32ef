import TestKit
import Testing

extension Migration {
    /// Receives so many plain mails for each mailbox, ends the receiver, and imports the roster. Returns how many there are in all.
    func hold(_ count: Int, seed: UInt64) throws -> Int {
        let server = try site.startServer()
        defer { server.kill() }
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: seed)
        for mailbox in mailboxes {
            for _ in 0..<count {
                let mail = samples.make(.plainText, to: [mailbox.address])
                oracle.willSend(mail)
                oracle.didAcknowledge(mail, id: try #require(try client.send(mail).acknowledgedID))
            }
        }
        #expect(try client.command("QUIT").code == 221)
        try server.terminate()
        #expect(try site.run(["roster", "import", rosterFile]).status == 0)
        return mailboxes.count * count
    }
}
