import Foundation

/// A `strace` that has a running process by the throat. It ends with it, or by `end`.
public final class SystemCallInjector: Sendable {
    private let tracer: ChildProcess
    private let trace: URL

    public static var isAvailable: Bool { getuid() == 0 && HostProgram.path("strace") != nil }

    /// When this returns, every thread of `process` is traced.
    public init(_ fault: SystemCallFault, into process: ChildProcess, of site: LayoverSite) throws {
        guard let strace = HostProgram.path("strace") else { throw TestFailure("there is no strace on this machine") }
        let name = "strace-\(UInt32.random(in: 0 ... .max))"
        trace = site.directory.appending(path: "output/\(name).trace")
        tracer = try ChildProcess(
            strace, ["-f", "-o", trace.path] + fault.arguments + ["-p", "\(process.id)"],
            standardOutput: site.directory.appending(path: "output/\(name).out"),
            standardError: site.directory.appending(path: "output/\(name).err"))
        try eventually("strace is attached; it says:\n\(tracer.errorText)", within: .seconds(20)) { [tracer] in
            if tracer.errorText.contains(" attached") { return () }
            return tracer.poll() == nil ? nil : ()
        }
    }

    deinit { tracer.kill() }

    /// How many calls were failed or killed at.
    public var injections: Int { SystemCallFault.injections(in: trace.path) }

    /// Lets the process go.
    public func end() {
        tracer.signal(SIGTERM)
        _ = try? tracer.wait(within: .seconds(10))
    }
}
