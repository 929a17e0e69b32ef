import Foundation
import Testing

@Suite("Imports go with a message's route")
struct ImportTests {
    @Test("A file imports only what its target may", arguments: Repository.sources)
    func allowed(_ file: SourceFile) {
        for (module, line) in file.imports {
            #expect(
                ImportRules.isAllowed(module, in: file.target),
                "\(file.path):\(line): \(file.target) must not import \(module)")
        }
    }

    @Test("What the design forbids is not in the table, and in no file", arguments: ImportRules.never)
    func forbidden(_ rule: (target: String, module: String)) {
        #expect(!ImportRules.isAllowed(rule.module, in: rule.target))
        for file in Repository.sources where file.target == rule.target {
            #expect(!file.imports.contains { $0.module == rule.module }, "\(file.path) must not import \(rule.module)")
        }
    }

    @Test("Every target has its row in the table, and every row its target")
    func tableIsComplete() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Repository.top.appending(path: "Sources").path)
        #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(ImportRules.allowed.keys))
    }

    @Test(
        "The manifest gives a target nothing of ours that the table forbids",
        arguments: ImportRules.allowed.keys.sorted())
    func manifest(_ target: String) throws {
        let manifest = try #require(Repository.text("Package.swift"))
        guard let declaration = manifest.components(separatedBy: "arget(").first(where: { Self.name(of: $0) == target })
        else { return }
        let body = declaration.components(separatedBy: "swiftSettings").first ?? declaration
        for other in ImportRules.allowed.keys where other != target && body.contains("\"\(other)\"") {
            #expect(ImportRules.isAllowed(other, in: target), "Package.swift lets \(target) import \(other)")
        }
    }

    private static func name(of declaration: String) -> String? {
        let quoted = declaration.components(separatedBy: "\"")
        guard quoted.count > 1, quoted[0].trimmingCharacters(in: .whitespacesAndNewlines) == "name:" else { return nil }
        return quoted[1]
    }
}
