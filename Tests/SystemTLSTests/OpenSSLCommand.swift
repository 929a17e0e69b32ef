import Foundation
import TestKit

/// The `openssl` command as a foreign peer.
enum OpenSSLCommand {
    /// Runs `openssl s_client` against the port, gives it `input`, and waits for its end.
    static func client(port: Int, _ arguments: [String], input: String) async throws -> FinishedProgram {
        try await HostProgram.finished(
            "openssl", ["s_client", "-connect", "127.0.0.1:\(port)"] + arguments, input: input)
    }
}

/// An `openssl s_server -rev` on a free port: it sends every line back reversed.
struct OpenSSLServer {
    let port: Int
    private let process: ChildProcess
    private let scratch: ScratchDirectory

    init(_ pair: TestCertificates.Pair, _ arguments: [String]) throws {
        scratch = try ScratchDirectory()
        let directory = URL(filePath: scratch.path)
        let process = try ChildProcess(
            HostProgram.path("openssl") ?? "openssl",
            [
                "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1", "-cert", pair.certificate, "-key",
                pair.key,
            ] + arguments,
            standardOutput: directory.appending(path: "out"), standardError: directory.appending(path: "err"))
        self.process = process
        port = try eventually("s_server listens: \(process.outputText) \(process.errorText)", within: .seconds(30)) {
            guard process.poll() == nil else {
                throw TestFailure("s_server: \(process.outputText) \(process.errorText)")
            }
            let lines = process.outputText.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return lines.first { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last.flatMap { Int($0) }
        }
    }

    func stop() { process.kill() }
}
