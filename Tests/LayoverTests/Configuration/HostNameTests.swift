import Testing

@testable import Layover

@Suite struct HostNameTests {
    @Test("Only this machine's own names and addresses are loopback")
    func loopback() {
        for host in ["localhost", "127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1"] {
            #expect(HostName.isLoopback(host))
        }
        for host in [
            "128.0.0.1", "::", "::2", "1::1", "127.example.com", "localhost.example.com", "::ffff:10.0.0.1", "0.0.0.0",
        ] {
            #expect(!HostName.isLoopback(host))
        }
    }

    @Test("A domain is a row of labels of letters, digits and inner hyphens, and is kept in lower case")
    func domains() {
        #expect(DomainName.normalized("Mail-2.Example.COM") == "mail-2.example.com")
        #expect(DomainName.normalized("xn--mnchen-3ya.example") != nil)
        #expect(DomainName.normalized(String(repeating: "a", count: 63) + ".fr") != nil)
        let wrong = [
            "", ".", "example.com.", ".example.com", "a..b", "-a.fr", "a-.fr", "a_b.fr", "*.fr", "a b.fr", "münchen.de",
            "192.0.2.1",
            "a@b.fr", String(repeating: "a", count: 64) + ".fr", String(repeating: "a.", count: 127) + "fr",
        ]
        for text in wrong { #expect(DomainName.normalized(text) == nil) }
    }
}
