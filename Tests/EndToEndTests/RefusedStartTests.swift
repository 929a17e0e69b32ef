import Foundation
import TestKit
import Testing

@Suite("Starts that are refused")
struct RefusedStartTests {
    private static func site() throws -> LayoverSite {
        try LayoverSite { directory in
            """
            hostname = "mx.example.test"
            [spool]
            directory = "\(directory.path)/spool"
            [receive]
            listen = ["127.0.0.1:0"]
            domains = ["example.test"]
            lock_wait = "1 s"
            status_listen = "off"

            """
        }
    }

    @Test("A second receiver on one spool ends with 75 and says why; the first goes on")
    func secondReceiver() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let first = try site.startServer()
            defer { first.kill() }
            let second = try site.run(["receive"], within: .seconds(20))
            #expect(second.status == 75, "\(second)")
            #expect(second.errors.contains("another receiver"), "\(second)")
            #expect(try SMTPClient(port: first.port).command("NOOP").code == 250)
            #expect(try first.terminate() == .exited(0))
        }
    }

    @Test("A receiver that was killed leaves no lock behind")
    func killedReceiver() async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            try site.startServer().kill()
            #expect(try site.startServer().terminate() == .exited(0))
        }
    }

    @Test(
        "A mistake in the configuration ends every service with 78 and one line",
        arguments: ["receive", "serve", "replay", "audit", "check"])
    func badConfiguration(_ verb: String) async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite { _ in "hostname = \"mx.example.test\"\n[spool]\ndirectroy = \"/nowhere\"\n" }
            defer { site.remove() }
            let result = try site.run([verb], within: .seconds(20))
            #expect(result.status == 78, "\(result)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
            #expect(result.errors.contains("layover.toml:3") && result.errors.contains("directroy"), "\(result)")
        }
    }

    @Test(
        "An unknown verb or option is a usage error",
        arguments: [
            ["fly"], ["replay", "--backwards"], ["cutover"], ["audit", "--state", "lost"],
        ])
    func usage(_ arguments: [String]) async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let result = try site.run(arguments, within: .seconds(20))
            #expect(result.status == 64, "\(result)")
        }
    }

    @Test("--help and --version go to standard output and end with 0", arguments: ["--help", "--version"])
    func help(_ option: String) async throws {
        try await onThreadOfItsOwn {
            let site = try Self.site()
            defer { site.remove() }
            let result = try site.runWithoutConfiguration([option])
            #expect(result.status == 0, "\(result)")
            #expect(!result.output.isEmpty)
        }
    }

    @Test("An address that is taken ends the receiver with 69 and names it")
    func addressTaken() async throws {
        try await onThreadOfItsOwn {
            let first = try Self.site()
            defer { first.remove() }
            let server = try first.startServer()
            defer { server.kill() }
            let second = try LayoverSite.receiving(listen: "127.0.0.1:\(server.port)")
            defer { second.remove() }
            let result = try second.run(["receive"], within: .seconds(20))
            #expect(result.status == 69, "\(result)")
            #expect(
                result.errors.contains("port \(server.port): Address already in use; another program listens there"),
                "\(result)")
            #expect(!result.errors.contains("errno"), "\(result)")
        }
    }

    @Test("A console address that is taken ends the console with 69, and does not keep serve from taking mail")
    func consoleAddressTaken() async throws {
        try await onThreadOfItsOwn {
            let first = try Self.site()
            defer { first.remove() }
            let holder = try first.startServer()
            defer { holder.kill() }
            let site = try CheckTests.site(receive: "[console]\nlisten = \"127.0.0.1:\(holder.port)\"")
            defer { site.remove() }
            try site.beginSpool()
            let console = try site.run(["console"], within: .seconds(20))
            #expect(console.status == 69 && console.errors.contains("\(holder.port)"), "\(console)")
            let server = try site.startServer("serve")
            defer { server.kill() }
            try eventually("it says that the console cannot listen", within: .seconds(30)) {
                server.process.errorText.contains("the console cannot listen") ? () : nil
            }
            #expect(try SMTPClient(port: server.port).command("NOOP").code == 250)
            #expect(try holder.terminate() == .exited(0))
            try eventually("the console has the address", within: .seconds(30)) { server.consolePort.map { _ in () } }
            #expect(try server.terminate() == .exited(0))
        }
    }
}
