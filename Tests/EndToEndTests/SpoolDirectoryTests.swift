import Foundation
import TestKit
import Testing

/// What commands say of a spool that is not there or not theirs, and of files that they cannot read.
@Suite("Directories and files that commands are given")
struct SpoolDirectoryTests {
    private static let ordinary = [
        ["status"], ["prove"], ["audit"], ["report"], ["replay"], ["replay", "--follow"], ["reindex"], ["fsck"],
        ["roster", "list"], ["cutover", "--all"], ["pause", "--all"], ["wave", "list"], ["reserve", "restore"],
    ]

    /// With a target that nobody listens at.
    private static func site() throws -> LayoverSite {
        try CheckTests.site(
            spool: "min_free = \"1 MiB\"\nreserve = \"0 B\"", receive: "[console]\nlisten = \"127.0.0.1:0\"")
    }

    private static func roster(_ site: LayoverSite) throws -> String {
        try site.write("mailbox,login,target\nanna@example.test,anna,ox\n", to: "roster.csv")
    }

    @Test("No command makes a spool where there is none, but those that begin one")
    func missing() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let spool = site.directory.path + "/spool"
            let export = ["export", "--all", "--eml", site.directory.path + "/out"]
            for words in Self.ordinary + [export] {
                let result = try site.run(words)
                #expect(result.status == 78 && result.output.isEmpty, "\(result)")
                #expect(result.errors.contains("there is no directory \(spool)"), "\(result)")
            }
            #expect(!FileManager.default.fileExists(atPath: spool))
            #expect(!FileManager.default.fileExists(atPath: export[3]))
            // An empty one may be the place of a disk that is not mounted.
            try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: false)
            let empty = try site.run(["status"])
            #expect(empty.status == 78 && empty.errors.contains("\(spool) holds no spool"), "\(empty)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: spool).isEmpty)
            try FileManager.default.removeItem(atPath: spool)
            try #expect(site.run(["roster", "import", Self.roster(site)]).status == 0)
            for words in [["status"], ["fsck"], ["cutover", "--all"]] {
                try #expect(site.run(words).status == 0, "\(words)")
            }
        }
    }

    @Test("check makes nothing and says that the first start makes the spool; a parent that is not there is a mistake")
    func check() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let spool = site.directory.path + "/spool"
            let first = try site.run(["check"])
            #expect(first.status == 0, "\(first)")
            #expect(
                first.output.contains("ok      spool \(spool) is made by the first start of `layover rec"), "\(first)")
            try #expect(site.run(["check", "--format", "json"]).status == 0)
            try #expect(site.run(["check", "--all"]).status == 65)
            #expect(!FileManager.default.fileExists(atPath: spool))

            let text = try String(contentsOf: site.configurationFile, encoding: .utf8)
            try text.replacing("/spool\"", with: "/typo/spool\"").write(
                to: site.configurationFile, atomically: true, encoding: .utf8)
            let refused = try site.run(["check"])
            #expect(refused.status == 78, "\(refused)")
            #expect(refused.errors.contains("/typo/spool") && refused.errors.contains("install -d"), "\(refused)")
        }
    }

    @Test("Another user is told whose spool it is, and who may do it", .enabled(if: getuid() == 0, "needs root"))
    func foreignUser() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let spool = site.directory.path + "/spool"
            try #expect(site.run(["roster", "import", Self.roster(site)]).status == 0)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: site.directory.path + "/passwords")
            let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            for words in [["fsck"], ["status"], ["audit"], ["receive"], ["pause", "--all"], ["reindex"], ["check"]] {
                let result = try site.run(words, under: nobody)
                #expect(result.status == 77, "\(result)")
                #expect(
                    result.errors.contains(
                        "\(spool) belongs to root, and as nobody you may not work in it: run this as root"),
                    "\(result)")
            }
        }
    }

    @Test("A file that cannot be read is told with the system's reason")
    func unreadable() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            try #expect(site.run(["roster", "import", Self.roster(site)]).status == 0)
            let reasons = [
                ("/nosuch.csv", "No such file or directory"), (site.directory.path, "Is a directory"),
                ("/dev/null", "it is empty"), (try site.write("", to: "empty"), "it is empty"),
            ]
            for (path, reason) in reasons {
                for words in [["roster", "import", path], ["cutover", "--all", "--except", path]] {
                    let result = try site.run(words)
                    #expect(result.status == 65 && result.errors.contains(path), "\(result)")
                    #expect(result.errors.contains(reason), "\(result)")
                }
            }
        }
    }
}
