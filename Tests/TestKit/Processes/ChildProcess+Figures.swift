import Foundation

extension ChildProcess {
    /// Files and sockets that it has open.
    public var openDescriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0
    }

    /// The most memory that it has had resident so far.
    public var peakKibibytes: Int { figure("VmHWM:") }

    private func figure(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// From now on it may have descriptors below this number only; those that it has stay. Nil: as many as it could ever have.
    public func limitDescriptors(below number: Int?) throws {
        let limits = try String(contentsOfFile: "/proc/\(id)/limits", encoding: .utf8)
        let words = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }?.split(separator: " ")
        guard let most = words?.dropFirst(4).first else { throw TestFailure("no limit of open files in \(limits)") }
        let soft = number.map { "\($0)" } ?? String(most)
        _ = try HostProgram.run("prlimit", ["--pid", "\(id)", "--nofile=\(soft):"], within: .seconds(20))
    }
}
