import Foundation
import TestKit

/// The commands that the README gives, to be run as they stand there.
enum READMECommands {
    /// The `sh` blocks of a section, in order.
    static func blocks(of section: String) throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        guard let start = text.range(of: "\n## \(section)\n") else {
            throw TestFailure("the README has no section \(section)")
        }
        let rest = text[start.upperBound...]
        let body = rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
        return body.components(separatedBy: "\n```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    /// Runs a block with these variables; it stops at the first command that fails.
    static func run(_ block: String, _ variables: [String: String], output: URL) throws {
        let assignments = variables.map { "\($0.key)='\($0.value)'\n" }.sorted().joined()
        let name = "readme-\(UInt32.random(in: 0 ... .max))"
        let process = try ChildProcess(
            "/bin/bash", ["-euc", assignments + block], standardOutput: output.appending(path: name + ".out"),
            standardError: output.appending(path: name + ".err"))
        let ending = try process.wait(within: .seconds(30))
        guard ending == .exited(0) else { throw TestFailure("\(block): \(ending)\n\(process.errorText)") }
    }
}
