import TestKit
import Testing

@testable import Replayer

/// What servers make of a message, by the rule and by an account of the real servers that shares no code with it.
struct StoredFormTests {
    @Test(
        "A rule gives what the server gives, names what it changed, and says nothing where nothing changes",
        arguments: AwkwardMail.all.indices)
    func rules(_ index: Int) {
        let mail = AwkwardMail.all[index]
        let bytes = Array("X-Layover-Id: x\r\n".utf8) + mail.bytes
        for (form, expected) in [
            (StoredForm.linefeedStorage, ServerByteRules.dovecot(bytes)),
            (.sevenBitHeader, ServerByteRules.cyrus(bytes)),
            (.carriageReturnsDropped, ServerByteRules.courier(bytes)),
        ] {
            let applied = form.applied(to: bytes)
            #expect((applied?.bytes ?? bytes) == expected, "\(form): \(mail.name)")
            #expect((applied == nil) == (bytes == expected), "\(form): \(mail.name)")
        }
    }

    @Test(
        "What was changed is told and counted",
        arguments: [
            (
                StoredForm.linefeedStorage, "a\n\0b\r\r\n\0\r",
                "bare LF became CRLF (1), NUL became 0x80 (2), CR CR LF became CR LF (1), CR at the end dropped (1)"
            ),
            (.sevenBitHeader, "Sub: \u{FF}\u{FE}\r\n\r\n\u{FF}", "8-bit octet of the header became X (2)"),
            (
                .carriageReturnsDropped, "a\rb\nc",
                "CR dropped (1), bare LF became CRLF (1), end of the last line added (1)"
            ),
        ])
    func words(form: StoredForm, text: String, words: String) {
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        #expect(form.applied(to: bytes)?.changes == words)
    }

    @Test("Nothing at all is no trap", arguments: StoredForm.allCases)
    func empty(_ form: StoredForm) {
        for text in ["", "\r", "\n", "\r\n", "\0", "\r\r"] { _ = form.applied(to: Array(text.utf8)) }
    }
}
