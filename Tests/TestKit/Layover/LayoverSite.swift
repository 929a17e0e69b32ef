public import Foundation
import Spool

/// A directory with a configuration, a spool and a roster, in which verbs are run.
public final class LayoverSite: Sendable {
    public let directory: URL
    public let configurationFile: URL
    private let binary: String

    /// Makes the directory and writes `configuration` into it.
    public init(_ configuration: (URL) -> String) throws {
        binary = try LayoverBinary.path()
        directory = URL(filePath: "/tmp/layover-test-\(UInt32.random(in: 0 ... .max))")
        configurationFile = directory.appending(path: "layover.toml")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "output"), withIntermediateDirectories: true)
        try Data(configuration(directory).utf8).write(to: configurationFile)
    }

    /// One with a receiver for `example.test` at `listen`, and nothing else.
    public static func receiving(listen: String = "127.0.0.1:0") throws -> LayoverSite {
        try LayoverSite { directory in
            """
            hostname = "mx.example.test"
            [spool]
            directory = "\(directory.path)/spool"
            [receive]
            listen = ["\(listen)"]
            domains = ["example.test"]
            status_listen = "off"

            """
        }
    }

    /// Runs a verb to its end.
    public func run(
        _ arguments: [String], under wrapper: [String] = [], within limit: Duration = .seconds(60)
    ) throws -> CommandResult {
        try finish(start(arguments, under: wrapper), arguments, within: limit)
    }

    /// Runs the command without `--config`.
    public func runWithoutConfiguration(_ arguments: [String]) throws -> CommandResult {
        try finish(launch(arguments), arguments, within: .seconds(20))
    }

    /// Starts a verb and returns at once.
    ///
    /// - Parameter wrapper: a program and its arguments that run the command given behind them, such as `env` or `strace -D`.
    public func start(_ arguments: [String], under wrapper: [String] = []) throws -> ChildProcess {
        try launch(arguments + ["--config", configurationFile.path], under: wrapper)
    }

    private func finish(_ process: ChildProcess, _ arguments: [String], within limit: Duration) throws -> CommandResult
    {
        let ending = try process.wait(within: limit)
        return CommandResult(
            arguments: arguments, ending: ending, outputBytes: process.outputBytes, errors: process.errorText)
    }

    private func launch(_ arguments: [String], under wrapper: [String] = []) throws -> ChildProcess {
        let name = "\(arguments.first ?? "layover")-\(UInt32.random(in: 0 ... .max))"
        let output = directory.appending(path: "output")
        let words = wrapper + [binary] + arguments
        return try ChildProcess(
            words[0], Array(words.dropFirst()), standardOutput: output.appending(path: name + ".out"),
            standardError: output.appending(path: name + ".err"))
    }

    /// Starts `receive` or `serve` and returns when it listens.
    public func startServer(_ verb: String = "receive", under wrapper: [String] = []) throws -> LayoverServer {
        try LayoverServer(process: start([verb], under: wrapper))
    }

    /// Makes an empty spool, as the first start of a receiver does.
    public func beginSpool() throws {
        try SpoolLayout(directory: directory.appending(path: "spool").path).create(POSIXFileSystem())
    }

    /// Writes a file into the site and returns its path.
    public func write(_ text: String, to name: String) throws -> String {
        let file = directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Removes everything, unless `LAYOVER_KEEP` is set: then a failure can be looked into.
    public func remove() {
        guard ProcessInfo.processInfo.environment["LAYOVER_KEEP"] == nil else {
            return print("kept: \(directory.path)")
        }
        try? FileManager.default.removeItem(at: directory)
    }
}
