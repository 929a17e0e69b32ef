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
        guard let program = path(name) else { throw TestFailure("there is no \(name) on this machine") }
        let directory = URL(filePath: "/tmp/layover-host-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let process = try ChildProcess(
            program, arguments, standardOutput: directory.appending(path: "out"),
            standardError: directory.appending(path: "err"))
        let ending = try process.wait(within: limit)
        guard ending == .exited(0) else {
            throw TestFailure("\(name) \(arguments.joined(separator: " ")): \(ending)\n\(process.errorText)")
        }
        return process.outputText
    }
}
