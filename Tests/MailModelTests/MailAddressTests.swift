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
