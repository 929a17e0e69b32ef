import MailModel
import Testing

@Suite("Addresses")
struct MailAddressTests {
    @Test(
        "An address is split at its last @ and keeps its local part",
        arguments: [
            ("Anna@Example.COM", "Anna", "example.com"), ("\"a@b\"@example.com", "\"a@b\"", "example.com"),
            ("@example.com", "", "example.com"), ("amélie@exämple.fr", "amélie", "xn--exmple-cua.fr"),
            ("x@[IPv6:2001:DB8::1]", "x", "[ipv6:2001:db8::1]"),
            ("a b@c", "a b", "c"),
        ])
    func splits(text: String, localPart: String, domain: String) {
        let address = MailAddress(text)
        #expect(address?.localPart == localPart)
        #expect(address?.domain == domain)
        #expect(address?.text == "\(localPart)@\(domain)")
    }

    @Test(
        "Quotes that nothing needs are dropped, and what is left is escaped in one way",
        arguments: [
            (#""bob""#, "bob"), (#""b\ob""#, "bob"), (#""Bob+x""#, "Bob+x"), (#""a.b""#, "a.b"),
            (#""jürgen""#, "jürgen"),
            (#""two words""#, #""two words""#), (#""two\ words""#, #""two words""#), (#""a..b""#, "a..b"),
            (#"".a""#, ".a"), (#""a.""#, "a."), (#"".""#, "."), (#""a@b""#, #""a@b""#), (#""a\"b""#, #""a\"b""#),
            (#""a\\b""#, #""a\\b""#),
            (#""""#, #""""#), ("bob", "bob"), (#"bob""#, #"bob""#),
        ])
    func unquoted(localPart: String, expected: String) {
        let address = MailAddress(localPart: localPart, domain: "example.com").unquoted
        #expect(address == MailAddress(localPart: expected, domain: "example.com"))
        #expect(address.unquoted == address)
    }

    @Test("A text as a key is another than one that only looks like it")
    func exactText() {
        #expect("j\u{FC}rgen" == "ju\u{308}rgen")
        #expect(ExactText("j\u{FC}rgen") != ExactText("ju\u{308}rgen"))
        #expect(ExactText("a") == ExactText("a") && ExactText("a") != ExactText("ab"))
        #expect(Set(["j\u{FC}rgen", "ju\u{308}rgen", "j\u{FC}rgen"].map(ExactText.init)).count == 2)
    }

    @Test("What has no domain is no address", arguments: ["", "anna", "anna@", "@"])
    func refuses(text: String) { #expect(MailAddress(text) == nil) }

    @Test("Spellings of one mailbox share a key, and a bare postmaster has no @")
    func key() {
        #expect(MailAddress("Anna@Example.com")?.key == MailAddress("ANNA@example.COM")?.key)
        #expect(MailAddress(localPart: "postmaster", domain: "").text == "postmaster")
    }

    @Test("A reverse path survives its text", arguments: ["", "a@b", "\"odd one\"@example.com", "postmaster"])
    func reversePath(text: String) { #expect(ReversePath(text: text).text == text) }
}
