import Foundation
import TestKit
import Testing

/// An export given again: to complete it, or after the mail has changed.
@Suite("Exports given again")
struct ExportAgainTests {
    private static func receive(_ count: Int, at site: LayoverSite, seed: UInt64) throws -> [String] {
        let server = try site.startServer()
        defer { server.kill() }
        let client = try SMTPClient(port: server.port)
        var samples = SampleMail(seed: seed)
        let ids = try (0..<count).map { _ in
            try #require(try client.send(samples.make(.plainText, to: ["ben@example.test"])).acknowledgedID)
        }
        #expect(try server.terminate() == .exited(0))
        return ids
    }

    /// Every file of a directory by its path in it.
    private static func files(_ directory: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            let path = "\(directory)/\(name)"
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
            if !isDirectory.boolValue { files[name] = try Data(contentsOf: URL(filePath: path)) }
        }
        return files
    }

    @Test(
        "Once mail has come or gone, an export into the same directory is refused before anything is written",
        arguments: ["--eml", "--mbox", "--maildir"])
    func changed(form: String) async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let ids = try Self.receive(3, at: site, seed: 1)
            let out = site.directory.appending(path: "out").path
            for _ in 0..<2 { try #expect(site.run(["export", "--all", form, out]).status == 0) }
            let before = try Self.files(out)
            try #expect(site.run(["drop", ids[0], "--reason", "spam"]).status == 0)
            _ = try Self.receive(form == "--mbox" ? 0 : 1, at: site, seed: 2)
            for words in [["--all"], ["--id", ids[1]]] {
                let again = try site.run(["export"] + words + [form, out])
                #expect(again.status == 65 && again.output.isEmpty, "\(again)")
                #expect(again.errors.contains("nothing was written; export into a new directory"), "\(again)")
                #expect(try Self.files(out) == before)
            }
            try #expect(site.run(["export", "--all", form, out + "2"]).status == 0)
        }
    }

    @Test("An export that was cut short is completed by the same command, and refused to another")
    func cutShort() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let ids = try Self.receive(40, at: site, seed: 3)
            let (out, whole) = (site.directory.path + "/out", site.directory.path + "/whole")
            try #expect(site.run(["export", "--all", "--eml", whole]).status == 0)
            // As a kill leaves it: some files, no manifest, and the mark that stands there until it is done.
            let other = try site.start(["export", "--all", "--eml", out])
            try eventually("it has begun", within: .seconds(30)) {
                FileManager.default.fileExists(atPath: out + "/.export") || other.poll() != nil ? () : nil
            }
            other.kill()
            if !FileManager.default.fileExists(atPath: out + "/manifest.jsonl") {
                let early = try site.run(["import", out])
                #expect(early.status == 65 && early.errors.contains("was cut short"), "\(early)")
                let refused = try site.run(["export", "--id", ids[0], "--eml", out])
                #expect(refused.status == 65 && refused.errors.contains("the beginning of an export"), "\(refused)")
            }
            try #expect(site.run(["export", "--all", "--eml", out]).status == 0)
            #expect(try Self.files(out) == Self.files(whole))
        }
    }

    @Test("Names that other files have are told, with what was written beside them and no count of copies")
    func taken() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let ids = try Self.receive(2, at: site, seed: 4)
            let out = site.directory.path + "/out"
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
            _ = try site.write("mine", to: "out/\(ids[0]).eml")
            let result = try site.run(["export", "--all", "--eml", out])
            #expect(result.status == 65 && result.errors.contains("TAKEN    \(out)/\(ids[0]).eml"), "\(result)")
            #expect(result.output.hasPrefix("1 files written and 0 that were there already; 1 names"), "\(result)")
            #expect(!FileManager.default.fileExists(atPath: out + "/manifest.jsonl"))
        }
    }

    @Test("An import names the message files that no line of the manifest does, takes the others, and exits 65")
    func unnamed() async throws {
        try await onThreadOfItsOwn {
            let (site, other) = (try LayoverSite.receiving(), try LayoverSite.receiving())
            defer { for site in [site, other] { site.remove() } }
            let ids = try Self.receive(2, at: site, seed: 5)
            let out = site.directory.path + "/out"
            try #expect(site.run(["export", "--id", ids[0], "--eml", out]).status == 0)
            _ = try site.write("stray", to: "out/\(ids[1]).eml")
            for imported in [1, 0] {
                let result = try other.run(["import", out])
                #expect(result.status == 65 && result.output.hasPrefix("\(imported) messages"), "\(result)")
                #expect(result.errors.contains("UNNAMED  \(out)/\(ids[1]).eml"), "\(result)")
            }
            try FileManager.default.removeItem(atPath: "\(out)/\(ids[1]).eml")
            try #expect(other.run(["import", out]).status == 0)
        }
    }
}
