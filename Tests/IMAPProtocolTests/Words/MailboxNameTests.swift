import Testing

@testable import IMAPProtocol

struct MailboxNameTests {
    @Test(
        "Names are written in modified UTF-7 and read back",
        arguments: [
            ("Entwürfe", "Entw&APw-rfe"), ("R&D", "R&-D"), ("台北", "&U,BTFw-"), ("a台b", "a&U,A-b"), ("😀", "&2D3eAA-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("../x", "../x"), ("#news", "#news"),
            ("a*%", "a*%"),
        ])
    func modifiedUTF7(name: String, wire: String) throws {
        let mailbox = try MailboxName(name)
        #expect(String(decoding: mailbox.encoded, as: UTF8.self) == wire)
        #expect(mailbox.text == name)
        #expect(MailboxName(wire: Array(wire.utf8)) == mailbox)
    }

    @Test(
        "INBOX is one name in any case, and no other name is",
        arguments: [("inbox", true), ("InBoX", true), ("inboxx", false)])
    func inbox(name: String, isInbox: Bool) throws {
        #expect(try (MailboxName(name) == .inbox) == isInbox)
    }

    @Test("Bytes that only look like INBOX without their sixth bit are not INBOX")
    func notInbox() { #expect(MailboxName(wire: [0x69, 0x6E, 0x62, 0x6F, 0x78]) == .inbox) }

    @Test(
        "Names that could end a command are refused",
        arguments: ["", "a\r\nL9 LOGOUT", "a\nb", "a\0", "a\tb", "\u{7F}", "\u{85}"])
    func refused(name: String) {
        #expect(throws: IMAPEncodeError.self) { try MailboxName(name) }
    }

    @Test("What is not modified UTF-7 is shown as it came", arguments: ["a&b", "&AP-", "&2D0-", "&APw", "&!-"])
    func malformed(wire: String) {
        #expect(MailboxName(wire: Array(wire.utf8)).text == wire)
    }
}
