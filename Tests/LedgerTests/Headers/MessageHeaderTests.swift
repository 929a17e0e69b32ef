import Testing

@testable import Ledger

@Suite("Subject and Message-ID out of any header")
struct MessageHeaderTests {
    static let subjects: [(String, String?)] = [
        ("Hello", "Hello"),
        ("", nil),
        ("   ", nil),
        ("folded\r\n over\r\n\tlines", "folded over lines"),
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "Grüße aus Köln"),
        ("=?iso-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?windows-1252?q?50_=80_=93now=94?=", "50 € “now”"),
        ("=?ISO-8859-15?Q?5_=A4?=", "5 €"),
        ("=?utf-8*de?Q?gr=C3=BCn?=", "grün"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= b", "a b"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        ("=?utf-8?B?w?= =?utf-8?B?7w=?=", "\u{fffd}"),
        ("=?utf-8?Q?gr=C3?= =?utf-8?Q?=BCn?=", "grün"),
        ("=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?=", "aü"),
        ("=?koi8-r?B?8NLJ18XU?=", "=?koi8-r?B?8NLJ18XU?="),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?not closed", "=?utf-8?Q?not closed"),
        ("=?", "=?"),
        ("=?utf-8?Q", "=?utf-8?Q"),
        ("=?utf-8?Q?=ZZ=4?=", "=ZZ=4"),
        ("tab\there", "tab here"),
        ("bell\u{7}and nul\u{0}", "bell and nul"),
    ]

    @Test("a subject becomes text", arguments: subjects)
    func subject(raw: String, expected: String?) {
        let header = MessageHeader(
            Array("From: x\r\nSubject:\(raw.isEmpty ? "" : " ")\(raw)\r\nTo: y\r\n\r\nbody".utf8))
        #expect(header.subject == expected)
    }

    @Test("raw 8-bit is read as UTF-8, or else as Windows-1252")
    func rawBytes() {
        #expect(MessageHeader(Array("Subject: Grüße\r\n\r\n".utf8)).subject == "Grüße")
        #expect(
            MessageHeader(Array("Subject: Gr".utf8) + [0xfc, 0xdf, 0x80] + Array("\r\n\r\n".utf8)).subject == "Grüß€")
    }

    @Test(
        "the field's name is taken in any case, with blanks before the colon, after bare line feeds",
        arguments: [
            "SUBJECT:x\n\n", "subject : x\r\n", "A: b\nsubJect:\tx",
            "Received: a\r\n b\r\nSubject: x\r\nSubject: y\r\n",
        ])
    func names(header: String) {
        #expect(MessageHeader(Array(header.utf8)).subject == "x")
    }

    @Test(
        "nothing behind the empty line is header, and a longer name is another field",
        arguments: [
            "A: b\r\n\r\nSubject: x", "\r\nSubject: x\r\n", "\nSubject: x\n", "Subjects: x\r\n\r\n", "Subject", "",
            "X-Subject: x\r\n", " Subject: x",
        ])
    func noSubject(header: String) {
        #expect(MessageHeader(Array(header.utf8)).subject == nil)
    }

    @Test(
        "a Message-ID is what stands up to the closing bracket",
        arguments: [
            ("<a@b>", "<a@b>"), (" <a@b> (comment)", "<a@b>"), ("\r\n <a@b>", "<a@b>"), ("a@b", "a@b"),
            ("<a b@c>", "<ab@c>"), ("", nil),
        ] as [(String, String?)])
    func messageID(raw: String, expected: String?) {
        #expect(MessageHeader(Array("Message-Id:\(raw)\r\n\r\n".utf8)).messageID == expected)
    }

    @Test("the subject is cut at its limit, also of one endless line")
    func limits() {
        let long = String(repeating: "ä", count: LedgerLimits.subjectScalars * 3)
        #expect(
            MessageHeader(Array("Subject: \(long)\r\n\r\n".utf8)).subject?.unicodeScalars.count
                == LedgerLimits.subjectScalars)
        let words = String(repeating: "=?utf-8?Q?=", count: 5_000)
        #expect(MessageHeader(Array("Subject: \(words)".utf8)).subject?.hasPrefix("=?utf-8?Q?=") == true)
        #expect(MessageHeader([UInt8](repeating: UInt8(ascii: "="), count: 200_000)).subject == nil)
    }

    @Test("random bytes never stop it")
    func randomBytes() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("=?utf-8?BQ?=\r\n \t:;Subject:Message-ID<>".utf8) + [0, 0xff, 0xc3]
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...120, using: &generator)).compactMap { _ in
                alphabet.randomElement(using: &generator)
            }
            let header = MessageHeader(Array("Subject:".utf8) + bytes)
            #expect((header.subject?.unicodeScalars.count ?? 0) <= LedgerLimits.subjectScalars)
        }
    }
}
