import NIOCore
import SMTPProtocol
import Testing

@Suite("What stood in place of a path")
struct MisspeltPathTests {
    private func misspelt(_ line: [UInt8]) -> MisspeltPath? {
        var decoder = SMTPLineDecoder()
        var buffer = ByteBuffer(bytes: line)
        _ = decoder.next(from: &buffer)
        return decoder.misspelt
    }

    @Test(
        "A line that could not be understood is kept for the log, as it was written",
        arguments: [
            ("MAIL FROM:<a@b\r\n", MisspeltPath.sender("<a@b")), ("mail from: a b@c \r\n", .sender("a b@c")),
            ("RCPT TO:<a@b@c>\r\n", .recipient("<a@b@c>")), ("RCPT TO:<a@b> X=1\r\n", .recipient("<a@b> X=1")),
            ("RCPT <a@b>\r\n", .recipient("<a@b>")), ("RCPT\r\n", .recipient("")),
        ])
    func kept(line: String, expected: MisspeltPath) { #expect(misspelt(Array(line.utf8)) == expected) }

    @Test("Controls and octets that are not ASCII are escaped")
    func escaped() {
        #expect(misspelt(Array("RCPT TO:<\u{1B}[2J\\é@b>\r\n".utf8)) == .recipient("<\\x1B[2J\\x5C\\xC3\\xA9@b>"))
        #expect(misspelt(Array("RCPT TO:<a".utf8) + [0, 0xFF] + Array(">\r\n".utf8)) == .recipient("<a\\x00\\xFF>"))
    }

    @Test("A long one is cut, also one that is too long for a command")
    func cut() {
        for count in [301, 3_000] {
            let line = "RCPT TO:" + String(repeating: "x", count: count) + "\r\n"
            #expect(misspelt(Array(line.utf8)) == .recipient(String(repeating: "x", count: 300) + "…"))
        }
    }

    @Test("Other lines, and those that are understood, leave nothing", arguments: ["EHLO\r\n", "RCPT TO:<a@b>\r\n"])
    func nothing(line: String) { #expect(misspelt(Array(line.utf8)) == nil) }

    @Test("The next line forgets it")
    func forgotten() {
        var decoder = SMTPLineDecoder()
        var buffer = ByteBuffer(string: "RCPT TO:<a\r\nNOOP\r\n")
        _ = decoder.next(from: &buffer)
        #expect(decoder.next(from: &buffer) == .noop && decoder.misspelt == nil)
    }
}
