import Foundation
import Testing

@Suite("The repository is what the design says")
struct RepositoryTests {
    @Test("The top level holds what the design lists and nothing else")
    func topLevel() {
        #expect(
            Repository.topLevel.subtracting([
                "Package.swift", "Sources", "Tests", "etc", "systemd", "README.md", "LICENSE",
            ]).isEmpty)
    }

    @Test(
        "What everyone looks for first is there",
        arguments: [
            "README.md", "LICENSE", ".swift-format", ".gitattributes", ".gitignore", "etc/quickstart",
            "etc/layover.toml", "Tests/run", ".ci/run",
            "Sources/Spool/Spool.docc/Durability.md",
        ])
    func present(_ path: String) throws {
        let text = try #require(Repository.text(path), "\(path) is missing")
        #expect(!text.isEmpty)
    }

    @Test("The license is Apache 2.0")
    func license() {
        #expect(Repository.text("LICENSE")?.contains("Apache License") == true)
    }

    @Test("Mails among the test data are never changed by Git")
    func attributes() {
        #expect(Repository.text(".gitattributes")?.contains("*.eml -text") == true)
    }

    @Test("The README names every target and both commands")
    func readme() throws {
        let readme = try #require(Repository.text("README.md"))
        for target in ImportRules.allowed.keys.sorted() {
            #expect(readme.contains(target), "the README does not mention \(target)")
        }
        for command in ["etc/quickstart", "Tests/run"] { #expect(readme.contains(command)) }
    }

    @Test(
        "What is run from the shell can be run, and stops at the first failure",
        arguments: ["etc/quickstart", "Tests/run", ".ci/run"])
    func scripts(_ path: String) throws {
        let text = try #require(Repository.text(path))
        #expect(text.hasPrefix("#!/usr/bin/env bash\n"))
        #expect(text.contains("set -eu"))
        #expect(FileManager.default.isExecutableFile(atPath: Repository.top.appending(path: path).path))
    }

    @Test("Each step of the durability note that code names is one of the note")
    func durabilitySteps() throws {
        let note = try #require(Repository.text("Sources/Spool/Spool.docc/Durability.md"))
        let step = /\/\/ ([ADFGJLNR][0-9])[.:]/
        // The other letters mean other things elsewhere; the steps of a reclaim are taken in two targets.
        for file in Repository.sources where ["Spool", "Replayer"].contains(file.target) {
            for (index, line) in file.lines.enumerated() {
                guard let name = line.firstMatch(of: step)?.1, file.target == "Spool" || name.hasPrefix("G") else {
                    continue
                }
                #expect(note.contains("\n\(name). "), "\(file.path):\(index + 1): the note has no step \(name)")
            }
        }
    }
}
