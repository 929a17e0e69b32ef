import Foundation
import TestKit
import Testing

@Suite("Words on the command line that cannot be meant")
struct UsageTests {
    @Test(
        "A value that cannot be right is named, with the usage of its own verb, and ends with 64",
        arguments: [
            (["audit", "--to", "anna"], "--to anna: write an address"),
            (["audit", "--client", "999.1.1.1"], "--client 999.1.1.1 is no IP address"),
            (["audit", "--since", "2026-11-25", "--until", "2026-11-24"], "is not before --until"),
            (["audit", "--since", "yesterday"], "--since yesterday: write a time"),
            (["audit", "--larger", "big"], "--larger big: write a size"),
            (
                ["export", "--all", "--to", "a@example.test", "--eml", "/nonexistent"],
                "give a filter or --all, not both"
            ),
            (["show", "nothing"], "nothing is no message id"),
            (["drop", "nothing", "--reason", "test"], "nothing is no message id"),
            (["replay", "--message", "nothing"], "nothing is no message id"),
            (["throttle", "ox", "--bytes", "much"], "--bytes much: write a size"),
            (["cutover", "--all", "--at", "soon"], "--at soon: write a time"),
        ])
    func named(_ arguments: [String], _ words: String) async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let result = try site.run(arguments)
            #expect(result.status == 64, "\(result)")
            #expect(result.errors.contains(words), "\(result)")
            #expect(result.errors.contains("Usage: layover \(arguments[0]) "), "\(result)")
        }
    }

    @Test("postmaster without a domain can be asked for, and both families of addresses")
    func taken() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            try site.beginSpool()
            for words in [["--to", "postmaster"], ["--client", "2001:db8::1"], ["--client", "192.0.2.1"]] {
                let result = try site.run(["audit"] + words)
                #expect(result.status == 0, "\(result)")
            }
        }
    }

    @Test("A message whose bytes are gone is shown as far as it is known, names fsck, and ends with 74")
    func lostBytes() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let server = try site.startServer()
            defer { server.kill() }
            var samples = SampleMail(seed: 14)
            let client = try SMTPClient(port: server.port)
            let id = try #require(try client.send(samples.large(1_500_000, to: ["a@example.test"])).acknowledgedID)
            try server.terminate()
            try #require(site.run(["show", id]).status == 0)
            try FileManager.default.removeItem(at: site.directory.appending(path: "spool/large/\(id)"))
            let result = try site.run(["show", id])
            #expect(result.status == 74, "\(result)")
            #expect(result.output.contains("a@example.test") && result.errors.contains("`layover fsck`"), "\(result)")
        }
    }
}
