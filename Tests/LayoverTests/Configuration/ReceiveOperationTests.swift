import MailModel
import Receiver
import Testing

@testable import Layover

@Suite("The options of running the receiver")
struct ReceiveOperationTests {
    private func receive(_ lines: String) throws -> ReceiveSection {
        let text = """
            hostname = "mx1.example.com"
            [spool]
            directory = "/var/lib/layover"
            [receive]
            domains = ["example.com"]
            \(lines)
            """
        let document = try ConfigurationDocument(bytes: Array(text.utf8), file: "layover.toml")
        return try LayoverConfiguration(document).requireReceive()
    }

    @Test("Where the file is silent, the limits are those that are described, and nothing is asked or trusted")
    func defaults() throws {
        let section = try receive("")
        #expect(section.drain == .seconds(30) && section.lockWait == .seconds(60))
        #expect(section.statusListen?.description == "127.0.0.1:8026")
        #expect(section.proxyNetworks.isEmpty && section.xclientNetworks.isEmpty && section.blocklists.zones.isEmpty)
        #expect(section.limits.sessionsPerClient == 200 && section.limits.sessionsPerNetwork == 500)
        #expect(section.limits.errors == 20 && section.limits.errorDelay == .seconds(1))
    }

    @Test("What the file says holds")
    func written() throws {
        let section = try receive(
            """
            drain = "5 s"
            lock_wait = "0 s"
            status_listen = "off"
            proxy_networks = ["192.0.2.0/24", "::1"]
            [receive.limits]
            connections_per_minute = 0
            header_size = "1 MiB"
            [receive.blocklists]
            zones = ["Zen.Spamhaus.org 7"]
            threshold = 7
            name_server = "[::1]:53"
            """)
        #expect(section.drain == .seconds(5) && section.lockWait == .zero && section.statusListen == nil)
        #expect(section.proxyNetworks.map(\.description) == ["192.0.2.0/24", "::1"])
        #expect(section.limits.connectionsPerMinute == 0 && section.limits.headerSize == .mib(1))
        #expect(section.blocklists.zones.map(\.name) == ["zen.spamhaus.org"])
        #expect(section.blocklists.zones.map(\.weight) == [7] && section.blocklists.threshold == 7)
        #expect(section.blocklists.nameServer?.description == "[::1]:53")
    }

    @Test(
        "A zone needs its weight", arguments: ["zen.spamhaus.org", "zen.spamhaus.org 0", "zen.spamhaus.org -1", "10"])
    func zones(_ text: String) {
        #expect(throws: ConfigurationError.self) { try receive("[receive.blocklists]\nzones = [\"\(text)\"]") }
    }
}
