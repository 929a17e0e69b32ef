import Foundation

extension ChildProcess {
    /// SIGSTOP. When this returns, no thread of it does anything more: each is stopped, or in a call to the disk that it will not return from.
    public func halt() throws {
        signal(SIGSTOP)
        try eventually("process \(id) stands still", within: .seconds(10)) {
            poll() != nil || Self.threadsStandStill(id) ? () : nil
        }
    }

    private static func threadsStandStill(_ id: pid_t) -> Bool {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
        return tasks.allSatisfy { task in
            // A thread that ends meanwhile stands still too. Behind the name in brackets comes the state.
            guard let line = try? String(contentsOfFile: "/proc/\(id)/task/\(task)/stat", encoding: .utf8),
                let close = line.lastIndex(of: ")"), let state = line[close...].dropFirst(2).first
            else { return true }
            return "TtDZX".contains(state)
        }
    }
}
