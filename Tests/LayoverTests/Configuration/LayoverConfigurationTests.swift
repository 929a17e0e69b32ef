import Foundation
import MailModel
import Testing

@testable import Layover

@Suite struct LayoverConfigurationTests {
    private func configuration(_ text: String) throws -> LayoverConfiguration {
        try LayoverConfiguration(ConfigurationDocument(bytes: Array(text.utf8), file: "layover.toml"))
    }

    private let least = """
        hostname = "MX1.example.com"
        spool = { directory = "/var/lib/layover" }
        [receive]
        domains = ["Example.com"]
        [targets.ox]
        host = "imap.example.com"
        master_user = "migrator"
        password_file = "/nonexistent"
        """

    @Test("A file with the required keys alone gets every default")
    func defaults() throws {
        let configuration = try configuration(least)
        #expect(configuration.hostname == "mx1.example.com")
        #expect(configuration.spool.minFree == .percent(5))
        #expect(configuration.spool.retention == .seconds(14 * 86_400))
        #expect(configuration.domainAliases.domains.isEmpty)
        #expect(configuration.log.level == .info && configuration.log.format == .text)
        #expect(try configuration.requireConsole().listen.description == "127.0.0.1:8025")

        let receive = try configuration.requireReceive()
        #expect(receive.listen.map(\.description) == ["0.0.0.0:25", "[::]:25"])
        #expect(receive.domains == ["example.com"])
        #expect(receive.maxMessageSize == .mib(25) && receive.memory == .mib(64))
        #expect(receive.unknownRecipients == .hold && receive.bareNewlines == .normalize)
        #expect(receive.maxSessions == 2_000 && receive.maxRecipients == 1_000 && receive.timeout == .seconds(300))
        #expect(receive.tls == nil)

        let target = try #require(try configuration.targetSections()["ox"])
        #expect(target.name == "ox" && target.port == 993 && target.security == .tls && target.kind == .auto)
        #expect(target.login == .master && target.masterUser == "migrator" && target.masterSeparator == "*")
        #expect(target.connections == 8 && target.settle == nil)
        #expect(target.caFile == nil && target.maxMessageSize == nil)
    }

    @Test("Every option can be set")
    func everythingSet() throws {
        let configuration = try configuration(
            """
            hostname = "mx1.example.com"
            [spool]
            directory = "/srv/spool"
            min_free = "10 GiB"
            retention = "4 weeks"
            [receive]
            listen = ["127.0.0.1:2525", "[::1]:0"]
            domains = ["example.com", "example.fr"]
            max_message_size = 10240000
            unknown_recipients = "reject"
            bare_newlines = "reject"
            max_sessions = 50
            max_recipients = 100
            timeout = "5 min"
            memory = "32 MiB"
            tls = { certificate = "/c", key = "/k" }
            [targets.zimbra]
            host = "::1"
            security = "none"
            kind = "zimbra"
            login = "authzid"
            master_user = "admin@example.com"
            password_file = "/p"
            connections = 3
            settle = "90 s"
            [targets.old-2]
            host = "10.0.0.1"
            port = 1143
            security = "starttls"
            kind = "dovecot"
            login = "passwords"
            password_file = "/q"
            ca_file = "/ca"
            max_message_size = "50 MiB"
            [targets.ox]
            host = "localhost"
            security = "none"
            master_user = "m"
            master_separator = "%"
            password_file = "/p"
            [console]
            listen = "[::1]:8080"
            [domain_aliases]
            "Example.FR" = "example.com"
            [log]
            level = "debug"
            format = "json"
            """)
        #expect(configuration.spool.minFree == .size(ByteCount(10 << 30)))
        #expect(configuration.spool.retention == .seconds(28 * 86_400))
        #expect(configuration.domainAliases.resolved("example.fr") == "example.com")
        #expect(configuration.domainAliases.resolved("example.org") == "example.org")
        #expect(configuration.log.level == .debug && configuration.log.format == .json)
        #expect(try configuration.requireConsole().listen.isIPv6)

        let receive = try #require(try configuration.receiveSection())
        #expect(receive.listen.map(\.port) == [2525, 0] && receive.listen[1].host == "::1")
        #expect(receive.maxMessageSize == ByteCount(10_240_000) && receive.memory == .mib(32))
        #expect(receive.unknownRecipients == .reject && receive.bareNewlines == .reject)
        #expect(receive.maxSessions == 50 && receive.maxRecipients == 100 && receive.timeout == .seconds(300))
        #expect(receive.tls?.certificate == "/c" && receive.tls?.key == "/k")

        let targets = try configuration.targetSections()
        let zimbra = try #require(targets["zimbra"])
        #expect(zimbra.port == 143 && zimbra.login == .authzid && zimbra.maxMessageSize == ByteCount(10_240_000))
        #expect(zimbra.connections == 3 && zimbra.settle == .seconds(90))
        let old = try #require(targets["old-2"])
        #expect(old.port == 1143 && old.caFile == "/ca" && old.masterUser == nil && old.maxMessageSize == .mib(50))
        #expect(targets["ox"]?.masterSeparator == "%")
    }

    @Test("The example of the manual is read as it says")
    func example() throws {
        let configuration = try configuration(
            """
            hostname = "mx1.example.com"
            [spool]
            directory = "/var/lib/layover"
            min_free = "5%"
            retention = "14 days"              # after its wave is closed
            [receive]
            listen = ["0.0.0.0:25", "[::]:25"]
            domains = ["example.com", "example.fr"]
            max_message_size = "25 MiB"
            unknown_recipients = "hold"        # hold | defer (450) | reject (550)
            bare_newlines = "normalize"        # normalize | reject
            [receive.tls]
            certificate = "/etc/layover/tls/fullchain.pem"
            key = "/etc/layover/tls/privkey.pem"
            [targets.ox]
            host = "imap.example.com"
            port = 993
            security = "tls"                   # tls | starttls | none (loopback only)
            kind = "dovecot"                   # dovecot | zimbra | auto
            login = "master"                   # master (user*master) | authzid (PLAIN proxy) | passwords (a file)
            master_user = "migrator"
            password_file = "/run/credentials/layover-replay.service/ox"
            connections = 8
            settle = "200 s"                   # how long a lost APPEND may still be committed by the server
            [console]
            listen = "127.0.0.1:8025"
            """)
        #expect(try configuration.receiveSection()?.tls?.key == "/etc/layover/tls/privkey.pem")
        #expect(try configuration.targetSections()["ox"]?.kind == .dovecot)
    }

    @Test("A role is stopped only by the sections that it uses")
    func rolesCheckTheirOwnSections() throws {
        let wrongTarget = least + "\nport = 0"
        let file = FileManager.default.temporaryDirectory.appending(path: "layover-\(UUID().uuidString).toml")
        defer { try? FileManager.default.removeItem(at: file) }
        try wrongTarget.write(to: file, atomically: true, encoding: .utf8)
        let path = file.path
        #expect(throws: Never.self) { try LayoverConfiguration.load(file: path) }
        #expect(throws: Never.self) { try LayoverConfiguration.load(file: path, roles: [.receive, .console]) }
        let error = #expect(throws: ConfigurationError.self) {
            try LayoverConfiguration.load(file: path, roles: [.replay])
        }
        #expect(error?.key == "targets.ox.port" && error?.line == 9)
    }

    @Test("A missing password file stops the replay and not the receiver")
    func passwordFileMattersToReplay() throws {
        let configuration = try configuration(least)
        #expect(throws: Never.self) { try configuration.requireReceive() }
        #expect(throws: Never.self) { try configuration.targetSections() }
        let error = #expect(throws: ConfigurationError.self) { try configuration.requireTargets() }
        #expect(error?.key == "targets.ox.password_file" && error?.line == 8)
    }

    @Test("A missing certificate stops the receiver and not the replay")
    func certificateMattersToReceive() throws {
        let text = least.replacing("\"/nonexistent\"", with: "\"\(#filePath)\"")
        let configuration = try configuration(text + "\n[receive.tls]\ncertificate = \"/nonexistent\"\nkey = \"/k\"")
        #expect(try configuration.requireTargets().keys.sorted() == ["ox"])
        #expect(throws: Never.self) { try configuration.receiveSection() }
        let error = #expect(throws: ConfigurationError.self) { try configuration.requireReceive() }
        #expect(error?.key == "receive.tls.certificate" && error?.line == 10)
    }

    @Test("A certificate or a CA file that is no PEM is told with file, line and key")
    func noPEM() throws {
        let text = least.replacing("\"/nonexistent\"", with: "\"\(#filePath)\"\nca_file = \"\(#filePath)\"")
        let configuration = try configuration(
            text + "\n[receive.tls]\ncertificate = \"\(#filePath)\"\nkey = \"\(#filePath)\"")
        let own = #expect(throws: ConfigurationError.self) { try configuration.receiverTLS() }
        #expect(own?.key == "receive.tls.certificate" && own?.line == 11 && own?.file == "layover.toml")
        #expect(own?.message.contains("not a readable PEM certificate") == true)
        let target = #expect(throws: ConfigurationError.self) { try configuration.replayTargets() }
        #expect(target?.key == "targets.ox.ca_file" && target?.line == 9)
    }

    @Test("Where systemd is to bring the password, the remedy names the file that it takes it from")
    func passwordOfSystemd() throws {
        let text = least.replacing("/nonexistent", with: "/run/credentials/layover-test.service/ox")
        let error = #expect(throws: ConfigurationError.self) { try configuration(text).requireTargets() }
        #expect(error?.key == "targets.ox.password_file")
        #expect(error?.remedy.contains("LoadCredential=ox:/etc/layover/credentials/ox") == true)
    }

    @Test("An unknown key stops every role, wherever it stands")
    func unknownKeysStopAll() {
        #expect(throws: ConfigurationError.self) { try configuration(least + "\nprot = 993") }
    }

    @Test("A byte order mark and CRLF line ends are taken")
    func editorsOfOtherSystems() throws {
        let text = "\u{FEFF}" + least.replacing("\n", with: "\r\n") + "\r\nport = 0\r\n"
        let error = #expect(throws: ConfigurationError.self) { try configuration(text).targetSections() }
        #expect(error?.key == "targets.ox.port" && error?.line == 9)
    }

    @Test("An error is one line, whatever the file holds")
    func errorsStayOneLine() {
        let text = least.replacing("\"imap.example.com\"", with: #""a\nb\u001b[31m""#)
        let error = #expect(throws: ConfigurationError.self) { try configuration(text).targetSections() }
        #expect(
            error?.description.hasPrefix(#"layover.toml:6: targets.ox.host: "a\nb\u{1b}[31m" is not a host"#) == true)
    }
}
