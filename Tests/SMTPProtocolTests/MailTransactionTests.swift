import MailModel
import SMTPProtocol
import Testing

@Suite("The recipients of a transaction")
struct MailTransactionTests {
    /// The local parts, in order, of what DATA began with.
    private func recipients(_ written: [String]) throws -> [[UInt8]] {
        var session = ScriptedSession(SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: .mib(1)))
        session.connect()
        for line in ["EHLO c\r\n", "MAIL FROM:<a@b.test> SMTPUTF8\r\n"] { session.send(line.utf8) }
        for name in written { session.send("RCPT TO:<\(name)@example.com>\r\n".utf8) }
        session.send("DATA\r\n".utf8)
        return try #require(session.transactions.first).recipients.map { Array($0.localPart.utf8) }
    }

    @Test(
        "One mailbox stands once, in its first spelling; two spellings of one character are two mailboxes, however often"
    )
    func once() throws {
        let (composed, decomposed) = ("j\u{FC}rgen", "ju\u{308}rgen")
        let written =
            ["anna", "ANNA"] + (0..<200).flatMap { _ in [composed, decomposed, "JU\u{308}RGEN"] } + ["bob", "anna"]
        #expect(try recipients(written) == ["anna", composed, decomposed, "bob"].map { Array($0.utf8) })
    }

    @Test("A single recipient that is repeated stands once")
    func single() throws {
        #expect(try recipients(["\u{E9}", "\u{E9}", "e\u{301}"]) == ["\u{E9}", "e\u{301}"].map { Array($0.utf8) })
    }
}
