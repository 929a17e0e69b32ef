import Foundation
import MailModel
import TestKit

@testable import Spool

/// A program that knows nothing of Layover but its README.
struct ForeignReader: Sendable, CustomStringConvertible {
    /// What it has found.
    struct Reading: Equatable {
        var status: Int32?
        /// Digests of the bytes, by id.
        var messages: [String: String]
        var recipients: [String: [String]]
        var errors: String
    }

    enum Kind: CaseIterable { case python, perl }

    let kind: Kind
    var description: String { "\(kind)" }

    private static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The block of code that the README shows.
    static func readmeCode() throws -> String {
        let readme = try String(contentsOf: top.appending(path: "README.md"), encoding: .utf8)
        guard let start = readme.firstRange(of: "```python\n"),
            let end = readme[start.upperBound...].firstRange(of: "```")
        else { throw TestFailure("the README shows no reader") }
        return String(readme[start.upperBound..<end.lowerBound])
    }

    func read(_ spool: String, in scratch: ScratchDirectory) throws -> Reading {
        let directory = URL(filePath: scratch.path + "/read-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        switch kind {
        case .python: return try readByPython(spool, directory)
        case .perl: return try readByPerl(spool, directory)
        }
    }

    private func readByPython(_ spool: String, _ directory: URL) throws -> Reading {
        let script = directory.appending(path: "layover-read")
        try Data(try Self.readmeCode().utf8).write(to: script)
        // It writes where it stands.
        let ran = try run(
            "/bin/sh", ["-c", "cd \"$0\" && exec python3 \"$1\" \"$2\"", directory.path, script.path, spool], directory)
        var reading = Reading(status: ran.status, messages: [:], recipients: [:], errors: ran.errors)
        for line in ran.output.split(separator: "\n") where !line.hasSuffix(" DAMAGED") {
            let words = line.split(separator: " ").map(String.init)
            let bytes = try Data(contentsOf: directory.appending(path: words[0] + ".eml"))
            reading.messages[words[0]] = SHA256Hasher.digest(Array(bytes)).hex
            reading.recipients[words[0]] = Array(words.dropFirst())
        }
        return reading
    }

    private func readByPerl(_ spool: String, _ directory: URL) throws -> Reading {
        let ran = try run(
            "/usr/bin/env", ["perl", Self.top.appending(path: "Tests/ForeignReader/verify-spool").path, spool],
            directory)
        var reading = Reading(status: ran.status, messages: [:], recipients: [:], errors: ran.errors)
        for line in ran.output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            reading.messages[words[0]] = words[2]
            reading.recipients[words[0]] = Array(words.dropFirst(4))
        }
        return reading
    }

    private func run(_ program: String, _ arguments: [String], _ directory: URL) throws -> (
        status: Int32?, output: String, errors: String
    ) {
        let process = try ChildProcess(
            program, arguments, standardOutput: directory.appending(path: "output"),
            standardError: directory.appending(path: "errors"))
        let ending = try process.wait(within: .seconds(60))
        let status: Int32? = if case .exited(let status) = ending { status } else { nil }
        return (status, process.outputText, process.errorText)
    }
}
