import Foundation

/// The `openssl` command as a foreign peer and as a maker of certificates.
enum OpenSSLCommand {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Outcome: Sendable {
        let status: Int32
        /// What it printed, on either stream.
        let output: String
    }

    /// Runs it to its end and throws when that is not a good one.
    static func run(_ arguments: [String]) throws {
        let outcome = try finish(arguments, input: "")
        guard outcome.status == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(outcome.output)")
        }
    }

    /// Runs `openssl s_client` against the port, gives it `input`, and waits for its end, off the threads of the tests.
    static func client(port: Int, _ arguments: [String], input: String) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                let all = ["s_client", "-connect", "127.0.0.1:\(port)"] + arguments
                continuation.resume(with: Result { try finish(all, input: input) })
            }
        }
    }

    private static func finish(_ arguments: [String], input: String) throws -> Outcome {
        let (process, output) = make(arguments)
        let standardInput = Pipe()
        process.standardInput = standardInput
        try process.run()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: printed, as: UTF8.self))
    }

    fileprivate static func make(_ arguments: [String]) -> (Process, Pipe) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }
}

/// An `openssl s_server -rev` on a free port: it sends every line back reversed.
// Safe because nothing changes after the initializer, and a process can be ended by its id from any thread.
final class OpenSSLServer: @unchecked Sendable {
    let port: Int
    private let process: Process

    init(_ pair: TestCertificates.Pair, _ arguments: [String]) throws {
        let output: Pipe
        (process, output) = OpenSSLCommand.make(
            [
                "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1", "-cert", pair.certificate, "-key",
                pair.key,
            ] + arguments)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var printed = ""
        var found: Int?
        while found == nil {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw OpenSSLCommand.Failure(description: "s_server: \(printed)") }
            printed += String(decoding: data, as: UTF8.self)
            let line = printed.split(separator: "\n").dropLast(printed.hasSuffix("\n") ? 0 : 1).first {
                $0.hasPrefix("ACCEPT")
            }
            found = line.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        }
        port = found ?? 0
    }

    func stop() {
        // Not SIGTERM: a child inherits the signals that the test runner blocks.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
