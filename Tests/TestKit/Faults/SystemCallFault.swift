import Foundation

/// A system call that is made to fail, as `strace` puts it: `inject=fdatasync:error=EIO:when=3`.
public struct SystemCallFault: Sendable, CustomStringConvertible {
    /// Names of calls, as `strace` knows them; several that do the same are failed together.
    public let calls: String
    /// `error=EIO`, `retval=0`, `signal=SIGKILL`.
    public let effect: String
    /// The how-manieth call of each thread fails, from 1; with `toTheEnd` every later one too.
    public let number: Int
    public let toTheEnd: Bool
    /// Only calls on these files; all where empty.
    public let paths: [String]

    public init(_ calls: String, _ effect: String, number: Int, toTheEnd: Bool = false, paths: [String] = []) {
        self.calls = calls
        self.effect = effect
        self.number = number
        self.toTheEnd = toTheEnd
        self.paths = paths
    }

    var arguments: [String] {
        paths.flatMap { ["-P", $0] }
            + ["-e", "trace=\(calls)", "-e", "inject=\(calls):\(effect):when=\(number)\(toTheEnd ? "+" : "")"]
    }

    public var description: String {
        "\(calls):\(effect):when=\(number)\(toTheEnd ? "+" : "")\(paths.isEmpty ? "" : " on \(paths)")"
    }
}

extension SystemCallFault {
    /// A command to put before another, which then runs with this fault from its first call on. The process that is started is the
    /// command itself, so that its id and its ending are.
    public func wrapper(trace: String) throws -> [String] {
        guard let strace = HostProgram.path("strace") else { throw TestFailure("there is no strace on this machine") }
        return [strace, "-D", "-f", "-qq", "-o", trace] + arguments
    }

    /// The same at a later call.
    public func at(_ number: Int) -> SystemCallFault {
        SystemCallFault(calls, effect, number: number, toTheEnd: toTheEnd, paths: paths)
    }

    public var isKill: Bool { effect.hasPrefix("signal=") }

    /// How many calls a trace says were failed or killed at.
    public static func injections(in trace: String) -> Int {
        let text = (try? String(decoding: Data(contentsOf: URL(filePath: trace)), as: UTF8.self)) ?? ""
        return text.split(separator: "\n").count { $0.hasSuffix("(INJECTED)") || $0.contains("+++ killed by SIGKILL") }
    }
}
