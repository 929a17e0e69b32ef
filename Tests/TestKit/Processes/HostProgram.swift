import Foundation

/// Programs of the machine that tests lean on: `mount`, `strace`, `python3`.
public enum HostProgram {
    /// The first of the usual directories that has it; nil where it is not installed.
    public static func path(_ name: String) -> String? {
        ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
    }

    /// Runs it to its end and returns what it printed. Throws with what it complained of where it does not end with 0.
    @discardableResult
    public static func run(_ name: String, _ arguments: [String], within limit: Duration = .seconds(60)) throws
        -> String
    {
        try finish(name, arguments, within: limit).successful().output
    }

    /// Runs it to its end, however that is. Throws where it is not installed, or runs longer than `limit`.
    public static func finish(
        _ name: String, _ arguments: [String], input: String = "", within limit: Duration = .seconds(60)
    ) throws -> FinishedProgram {
        let scratch = try ScratchDirectory()
        let child = try start(name, arguments, input: input, in: scratch)
        return try withExtendedLifetime(scratch) {
            FinishedProgram(name, arguments, child, try child.wait(within: limit))
        }
    }

    /// `finish`, holding no thread meanwhile.
    public static func finished(
        _ name: String, _ arguments: [String], input: String = "", within limit: Duration = .seconds(60)
    ) async throws -> FinishedProgram {
        let scratch = try ScratchDirectory()
        let child = try start(name, arguments, input: input, in: scratch)
        let ending = try await child.ended(within: limit)
        return withExtendedLifetime(scratch) { FinishedProgram(name, arguments, child, ending) }
    }

    private static func start(_ name: String, _ arguments: [String], input: String, in scratch: ScratchDirectory) throws
        -> ChildProcess
    {
        guard let program = path(name) else { throw TestFailure("there is no \(name) on this machine") }
        let directory = URL(filePath: scratch.path)
        let inputFile = directory.appending(path: "in")
        try Data(input.utf8).write(to: inputFile)
        return try ChildProcess(
            program, arguments, standardInput: inputFile, standardOutput: directory.appending(path: "out"),
            standardError: directory.appending(path: "err"))
    }
}
