import Foundation
import Synchronization

/// A server with all processes that it starts, in namespaces of its own: it sees its own `/etc` and `/run` where its script wants
/// that, and it dies as a whole.
final class ContainedServer: Sendable {
    private let script: URL
    private let process = Mutex<ChildProcess?>(nil)

    /// Writes the script. What it `exec`s, or its last command, is the server.
    init(_ script: String, in directory: URL) throws {
        self.script = directory.appending(path: "server.sh")
        try Data((ServerPackages.shellEnvironment + "set -eu\n" + script).utf8).write(to: self.script)
    }

    /// When this returns, the server answers on `port`.
    func start(port: Int) throws {
        // After a kill the port may be taken for a moment, by a client that has connected to itself.
        for _ in 0..<2 {
            do { return try startOnce(port: port) } catch { kill() }
        }
        try startOnce(port: port)
    }

    private func startOnce(port: Int) throws {
        guard let unshare = HostProgram.path("unshare") else { throw TestFailure("there is no unshare") }
        let directory = script.deletingLastPathComponent()
        // The daemon must not inherit what is open: a pipe would never end, nor a lock of whoever runs the tests.
        let closeAll = #"for f in /proc/self/fd/*; do n=${f##*/}; [ "$n" -gt 2 ] && eval "exec $n>&-"; done; "#
        let server = try ChildProcess(
            unshare,
            [
                "--mount", "--pid", "--fork", "--kill-child", "/bin/bash", "-c",
                closeAll + LoopDisk.leftAlone + "exec /bin/bash \(script.path)",
            ],
            standardOutput: directory.appending(path: "out"), standardError: directory.appending(path: "err"))
        process.withLock { $0 = server }
        do {
            try eventually("a server answers; it says: \(server.errorText)", within: .seconds(10)) {
                if let ending = server.poll() { throw TestFailure("it has ended (\(ending)): \(server.errorText)") }
                return LoopbackPort.answers(port) ? () : nil
            }
        } catch {
            kill()
            throw error
        }
    }

    /// Kills every process of it at once, as a power cut would. When this returns, they are gone.
    func kill() {
        guard
            let server = process.withLock({ process in
                defer { process = nil }; return process
            })
        else { return }
        // The first process of a PID namespace takes all others with it, and does not end before they have.
        let children = "/proc/\(server.id)/task/\(server.id)/children"
        let first = (try? String(contentsOfFile: children, encoding: .utf8))?.split(separator: " ").first
        if server.poll() == nil, let first, let id = pid_t(first) { Foundation.kill(id, SIGKILL) }
        if (try? server.wait(within: .seconds(10))) == nil { server.kill() }
    }
}
