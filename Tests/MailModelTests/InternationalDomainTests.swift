import MailModel
import Testing

@Suite("Domain names in UTF-8")
struct InternationalDomainTests {
    @Test(
        "A name is compared in A-labels",
        arguments: [
            ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.Example", "xn--bcher-kva.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("straße.de", "xn--strae-oqa.de"),
            ("münchen.de", "xn--mnchen-3ya.de"), ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("BU\u{308}CHER.example", "xn--bcher-kva.example"),
            ("правда.рф", "xn--80aafi6cg.xn--p1ai"), ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"), ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"),
            ("Example.COM", "example.com"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ])
    func asciiForm(name: String, expected: String) { #expect(InternationalDomain.asciiForm(name) == expected) }

    @Test(
        "What can stand in no name has no ASCII form",
        arguments: [
            "a\u{3002}é", "é\u{200B}", "é\u{202E}", "\u{301}é", "-é", "é-", "xn--é", "é é", "é\u{E000}", "☃",
            String(repeating: "é", count: 64), String(repeating: "é", count: 60),
        ])
    func refused(name: String) { #expect(InternationalDomain.asciiForm(name) == nil) }

    @Test("An address has one spelling of its domain, and its key folds A to Z only")
    func address() {
        #expect(MailAddress("Jürgen@BÜCHER.example")?.key == "jürgen@xn--bcher-kva.example")
        #expect(MailAddress("a@bücher.example") == MailAddress("a@XN--BCHER-KVA.example"))
        #expect(MailAddress("\u{212A}ate@example.com")?.key != MailAddress("kate@example.com")?.key)
        #expect(MailAddress("JÜRGEN@example.com")?.key == "jÜrgen@example.com")
    }
}
