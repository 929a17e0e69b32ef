import Foundation

/// A running `layover receive` or `layover serve`, and the port it told in its log.
public final class LayoverServer: Sendable {
    public let process: ChildProcess
    /// The first SMTP port. The configuration asks for port 0, so that tests never meet on one.
    public let port: UInt16

    /// Returns when it listens. Throws with its log when it ends instead.
    init(process: ChildProcess) throws {
        self.process = process
        do {
            port = try eventually("it listens; it says:\n\(process.errorText)", within: .seconds(30)) {
                if let ending = process.poll() { throw TestFailure("it has ended (\(ending)):\n\(process.errorText)") }
                return Self.smtpPort(in: process.errorText)
            }
        } catch {
            process.kill()
            throw error
        }
    }

    /// SIGTERM; returns when it has ended in order.
    @discardableResult
    public func terminate(within limit: Duration = .seconds(30)) throws -> ChildProcess.Ending {
        process.signal(SIGTERM)
        return try process.wait(within: limit)
    }

    /// SIGKILL, as a power cut for processes.
    public func kill() { process.kill() }

    /// Where `serve` shows its console; nil where it has none, or not yet.
    public var consolePort: UInt16? { Self.port(behind: " notice console listening ", in: process.errorText) }

    /// From a line such as `… notice listening address=[IPv4]127.0.0.1/127.0.0.1:40001`.
    private static func smtpPort(in log: String) -> UInt16? { port(behind: " notice listening ", in: log) }

    private static func port(behind words: String, in log: String) -> UInt16? {
        for line in log.split(separator: "\n") where line.contains(words) {
            let word = line.split(separator: " ").first { $0.hasPrefix("address=") }
            if let port = word?.split(separator: ":").last.flatMap({ UInt16($0) }) { return port }
        }
        return nil
    }
}
