import Testing

@testable import Console

@Suite("Hosts")
struct HostRuleTests {
    private let rule = HostRule(["Console.example.com", "exact.example:8443"])

    @Test(
        "Our own names are answered, on any port",
        arguments: [
            "localhost", "localhost:8025", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8025",
            "console.example.com",
            "CONSOLE.example.com:80", "exact.example:8443",
        ])
    func allowed(authority: String) { #expect(rule.allows(authority)) }

    @Test(
        "All others are not, however alike",
        arguments: [
            "", "evil.example", "evil.example:8025", "localhost.evil.example", "localhost.", "127.0.0.1.evil.example",
            "127.1", "127.0.0.2",
            "0x7f000001", "::1", "[::1].", "[::ffff:127.0.0.1]", "exact.example", "exact.example:8444", "localhost:",
            "localhost:80:80",
            "localhost:123456", "localhost:+80", "localhost:８０", "user@localhost", "localhost evil",
            "console.example.com.",
            "xconsole.example.com", "ｌocalhost", "localhost\u{301}", "localhost:80\u{301}",
        ])
    func refused(authority: String) { #expect(!rule.allows(authority)) }

    @Test("The console listens on a loopback address", arguments: ["127.0.0.1", "127.9.8.7", "::1", "0:0:0:0:0:0:0:1"])
    func loopback(host: String) throws {
        #expect(try ConsoleConfiguration(host: host, port: 8025).host == host)
    }

    @Test(
        "and on no other",
        arguments: [
            "0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "2001:db8::1", "localhost", "127.0.0.1.evil.example", "",
            "127.1", "::ffff:127.0.0.1",
        ])
    func notLoopback(host: String) throws {
        let error = #expect(throws: ConsoleError.self) { try ConsoleConfiguration(host: host, port: 8025) }
        #expect(error?.code == .address)
        #expect(error?.message.contains("put a proxy with a login in front") == true)
    }

    @Test("A port is a port", arguments: [-1, 65_536])
    func ports(port: Int) {
        #expect(throws: ConsoleError.self) { try ConsoleConfiguration(host: "127.0.0.1", port: port) }
    }
}
