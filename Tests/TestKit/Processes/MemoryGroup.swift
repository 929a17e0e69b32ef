import Foundation

/// A memory cgroup of version 1 with a limit. Nil where none can be made.
public final class MemoryGroup: Sendable {
    private let path: String

    public static var isAvailable: Bool { MemoryGroup(mebibytes: 64) != nil }

    public init?(mebibytes: Int) {
        path = "/sys/fs/cgroup/memory/layover-test-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(path, 0o755) == 0 else { return nil }
        guard set("memory.limit_in_bytes", "\(mebibytes << 20)") else {
            rmdir(path)
            return nil
        }
    }

    /// Those that were in it must have ended.
    deinit { rmdir(path) }

    /// Starts the program behind it inside; the first one that the kernel ends when memory is out, where `isVictim`.
    public func wrapper(isVictim: Bool = false) -> [String] {
        let script = "echo \(isVictim ? 1000 : -900) > /proc/self/oom_score_adj; echo $$ > \(path)/tasks; exec \"$@\""
        return ["/bin/sh", "-c", script, "sh"]
    }

    private func set(_ file: String, _ text: String) -> Bool {
        (try? text.write(toFile: path + "/" + file, atomically: false, encoding: .utf8)) != nil
    }
}
