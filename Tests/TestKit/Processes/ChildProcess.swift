public import Foundation
import Synchronization

/// A program that the tests have started, with its output in files. It is ended by its id, and reaped.
///
/// The tests start none by Foundation's `Process`: it lists our open descriptors by reading 256 octets of every directory entry, which is beyond
/// the end of its buffer once there are over 1,365 of them, and the tests that run side by side have more.
public final class ChildProcess: Sendable {
    public enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    public let id: pid_t
    public let standardOutput: URL
    public let standardError: URL
    private let ending = Mutex<Ending?>(nil)

    /// Starts `program` with `standardInput`, nothing where it is nil, and no signal blocked. Our own descriptors are all close-on-exec.
    public init(
        _ program: String, _ arguments: [String], standardInput: URL? = nil, standardOutput: URL, standardError: URL
    ) throws {
        self.standardOutput = standardOutput
        self.standardError = standardError
        id = try Self.spawn(
            program, arguments, input: standardInput?.path ?? "/dev/null", output: standardOutput.path,
            errors: standardError.path)
    }

    /// Nil while it runs.
    public func poll() -> Ending? {
        ending.withLock { ending in
            if ending == nil {
                var status: Int32 = 0
                if waitpid(id, &status, WNOHANG) == id {
                    let signal = status & 0x7F
                    ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(by: signal)
                }
            }
            return ending
        }
    }

    /// How it ended. Throws, after killing it, when it runs longer than `limit`.
    @discardableResult
    public func wait(within limit: Duration) throws -> Ending {
        do {
            return try eventually("process \(id) ends", within: limit) { poll() }
        } catch {
            kill()
            throw error
        }
    }

    /// `wait`, holding no thread meanwhile.
    @discardableResult
    public func ended(within limit: Duration) async throws -> Ending {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let ending = poll() { return ending }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return try wait(within: .zero)
    }

    /// Sends a signal, unless it has ended: its id may be someone else's by then.
    public func signal(_ signal: Int32) {
        ending.withLock { if $0 == nil { _ = Foundation.kill(id, signal) } }
    }

    /// SIGKILL. When this returns, it is gone.
    public func kill() {
        signal(SIGKILL)
        _ = try? eventually("process \(id) is gone", within: .seconds(30)) { poll() }
    }

    public var outputBytes: [UInt8] { Self.bytes(standardOutput) }
    public var outputText: String { String(decoding: outputBytes, as: UTF8.self) }
    public var errorText: String { String(decoding: Self.bytes(standardError), as: UTF8.self) }

    private static func bytes(_ file: URL) -> [UInt8] {
        (try? Data(contentsOf: file)).map(Array.init) ?? []
    }

    private static func spawn(
        _ program: String, _ arguments: [String], input: String, output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let error = posix_spawn(&id, program, &actions, &attributes, &words, environ)
        guard error == 0 else { throw TestFailure("\(program): \(String(cString: strerror(error)))") }
        return id
    }
}
