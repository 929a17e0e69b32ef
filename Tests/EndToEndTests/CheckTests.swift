import Foundation
import TestKit
import Testing

@Suite("What check finds on this host")
struct CheckTests {
    /// A target that no mailbox of the roster is on: nobody is asked.
    static func site(spool: String = "", receive: String = "") throws -> LayoverSite {
        let site = try LayoverSite { directory in
            """
            hostname = "mx.example.test"
            [spool]
            directory = "\(directory.path)/spool"
            \(spool)
            [receive]
            listen = ["127.0.0.1:0"]
            domains = ["example.test"]
            status_listen = "off"
            \(receive.replacing("DIRECTORY", with: directory.path))
            [targets.ox]
            host = "127.0.0.1"
            port = 1
            security = "none"
            login = "passwords"
            password_file = "\(directory.path)/passwords"

            """
        }
        _ = try site.write("anna@example.test secret\n", to: "passwords")
        return site
    }

    private static func certificate(_ name: String, days: Int, in site: LayoverSite) throws {
        let directory = site.directory.path
        try HostProgram.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                "\(days)",
                "-subj", "/CN=mx.example.test", "-keyout", "\(directory)/\(name).key", "-out",
                "\(directory)/\(name).pem",
            ])
    }

    private static let tls = "[receive.tls]\ncertificate = \"DIRECTORY/own.pem\"\nkey = \"DIRECTORY/own.key\""

    @Test("A disk at its floor fails the check with 74, as table and as JSON: the receiver would take no mail")
    func diskAtFloor() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site(spool: "min_free = \"8000000 GiB\"")
            defer { site.remove() }
            try site.beginSpool()
            let table = try site.run(["check"])
            #expect(table.status == 74, "\(table)")
            #expect(table.output.contains("FAILED  spool") && table.output.contains("senders get 452"), "\(table)")
            #expect(table.errors.contains("layover reserve release"), "\(table)")
            let json = try site.run(["check", "--format", "json"])
            #expect(json.output.contains("\"ok\":false") && json.output.contains("\"class\":\"disk\""), "\(json)")
        }
    }

    @Test("A certificate that ends soon is a warning, one that lasts is none")
    func certificateEnds() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site(receive: Self.tls)
            defer { site.remove() }
            try Self.certificate("own", days: 5, in: site)
            let soon = try site.run(["check"])
            #expect(soon.status == 0, "\(soon)")
            #expect(soon.output.contains("warning") && soon.output.contains("the certificate of receive.tls ends on"))
            try Self.certificate("own", days: 90, in: site)
            let later = try site.run(["check"])
            #expect(later.status == 0 && !later.output.contains("receive.tls"), "\(later)")
        }
    }

    @Test("A key of another certificate ends check and receive with 78 and names file, line and key")
    func foreignKey() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site(receive: Self.tls)
            defer { site.remove() }
            try Self.certificate("own", days: 90, in: site)
            try Self.certificate("other", days: 90, in: site)
            try #require(site.run(["check"]).status == 0)
            let (own, other) = ("own.key", "other.key")
            let key = try String(contentsOf: site.directory.appending(path: other), encoding: .utf8)
            _ = try site.write(key, to: own)
            for verb in ["check", "receive", "serve"] {
                let result = try site.run([verb], within: .seconds(20))
                #expect(result.status == 78, "\(result)")
                #expect(result.errors.contains("layover.toml:11: receive.tls.key: "), "\(result)")
                #expect(result.errors.contains("does not belong"), "\(result)")
            }
        }
    }

    @Test("Addresses outside receive.domains are named by roster import and by check, and taken all the same")
    func foreignAddresses() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let roster = try site.write(
                "mailbox,target,aliases\ngina@exmaple.test,ox,gina@example.test @old.test\n", to: "roster.csv")
            for options in [["--dry-run"], []] {
                let imported = try site.run(["roster", "import", roster] + options)
                #expect(imported.status == 0, "\(imported)")
                #expect(
                    imported.output.contains(
                        "warning: 2 addresses are in no domain of receive.domains, so no mail comes for them: gina@exmaple.test, @old.test"
                    ), "\(imported)")
            }
            let check = try site.run(["check", "--format", "json"])
            #expect(check.output.contains("\"class\":\"foreign-domain\""), "\(check)")
            #expect(check.output.contains("gina@exmaple.test"), "\(check)")
        }
    }
}
