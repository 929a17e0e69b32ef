import Foundation
import Testing

@testable import Layover

/// One folder per mistake: `layover.toml` and, in `expected`, the one line for it with `FILE` instead of the path.
@Suite struct BrokenConfigurationTests {
    static let cases: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: SourceTree.brokenConfigurations.path)) ?? [])
        .filter { !$0.hasPrefix(".") }.sorted()

    @Test("A mistake is told in one line with file, line, key and remedy", arguments: cases)
    func mistakeIsTold(_ name: String) throws {
        let folder = SourceTree.brokenConfigurations.appending(path: name)
        let file = folder.appending(path: "layover.toml").path
        let expected = try String(contentsOf: folder.appending(path: "expected"), encoding: .utf8)
        let error = try #require(throws: ConfigurationError.self) {
            try LayoverConfiguration.load(file: file, roles: Set(LayoverRole.allCases))
        }
        #expect(error.description.replacing(file, with: "FILE") + "\n" == expected)
        #expect(!error.remedy.isEmpty)
    }

    @Test("The folder of mistakes is found and large")
    func folderIsFound() {
        #expect(Self.cases.count >= 80)
    }
}
