import MailModel
import SMTPProtocol
import Testing

extension SMTPCommand {
    /// Understands a line given as text.
    init(_ line: String) {
        self = Array(line.utf8).withUnsafeBytes { SMTPCommand(line: $0) }
    }
}

@Suite("MAIL")
struct MAILTests {
    private static let alice = ReversePath.address(MailAddress(localPart: "alice", domain: "example.org"))

    @Test(
        "Senders that are taken",
        arguments: [
            ("MAIL FROM:<alice@example.org>", alice), ("mail from:<alice@EXAMPLE.org>", alice),
            ("MAIL FROM: <alice@example.org> ", alice), ("MAIL  FROM:\t<alice@example.org>", alice),
            ("MAIL FROM:alice@example.org", alice), ("MAIL FROM:<@a.example,@[192.0.2.1]:alice@example.org>", alice),
            ("MAIL FROM:<>", .null), ("MAIL FROM: <>", .null),
        ] as [(String, ReversePath)])
    func accepted(line: String, sender: ReversePath) {
        #expect(SMTPCommand(line) == .mail(sender, MailParameters()))
    }

    @Test(
        "Parameters",
        arguments: [
            ("SIZE=0", MailParameters(declaredSize: 0)), ("size=1000", MailParameters(declaredSize: 1000)),
            ("BODY=7BIT", MailParameters(body: .sevenBit)), ("body=8bitmime", MailParameters(body: .eightBitMIME)),
            ("SIZE=99999999999999999999", MailParameters(declaredSize: .max)),
            (" SIZE=18446744073709551615  BODY=8BITMIME ", MailParameters(declaredSize: .max, body: .eightBitMIME)),
        ] as [(String, MailParameters)])
    func parameters(text: String, parameters: MailParameters) {
        #expect(SMTPCommand("MAIL FROM:<alice@example.org> \(text)") == .mail(Self.alice, parameters))
    }

    @Test(
        "Senders and parameters that are refused",
        arguments: [
            ("MAIL", .argument), ("MAIL FROM", .argument), ("MAIL TO:<a@b>", .argument), ("MAIL FROM:", .sender),
            ("MAIL FROM:<a@b", .sender), ("MAIL FROM:<a@b>x", .sender), ("MAIL FROM:<<a@b>>", .sender),
            ("MAIL FROM:<a b@c>", .sender), ("MAIL FROM:<root>", .sender), ("MAIL FROM:<a@b@c>", .sender),
            ("MAIL FROM:<>x", .sender), ("MAIL FROM:<a@b>SIZE=1", .sender),
            ("MAIL FROM:<a@b> SIZE=1=2", .parameterValue), ("MAIL FROM:<a@b> -X=1", .parameterValue),
            ("MAIL FROM:<a@b> SIZE=100000000000000000000", .parameterValue), ("MAIL FROM:<a@b> BODY", .parameterValue),
            ("MAIL FROM:<a@b> SIZE=", .parameterValue), ("MAIL FROM:<a@b> SMTPUTF8=", .parameterValue),
            ("MAIL FROM:<a@b> RET=", .unsupportedParameter), ("MAIL FROM:<a@b> X-Y=a=b", .unsupportedParameter),
            ("MAIL FROM:<a@b> SIZE=1 size=1", .duplicateParameter), ("MAIL FROM:<a@b> RET=HDRS", .unsupportedParameter),
            ("MAIL FROM:<é@b>", .needsSMTPUTF8), ("MAIL FROM:<a@é>", .needsSMTPUTF8),
            ("MAIL FROM:<\"é\"@b>", .needsSMTPUTF8),
        ] as [(String, SMTPSyntaxError)])
    func refused(line: String, error: SMTPSyntaxError) {
        #expect(SMTPCommand(line) == .malformed(error))
    }
}
