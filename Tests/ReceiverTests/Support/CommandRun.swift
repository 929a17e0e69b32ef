import Foundation

/// A program that ran to its end, without holding a thread of the tests while it did.
struct CommandRun: Sendable {
    let status: Int32
    let output: String

    static func run(_ program: String, _ arguments: [String]) async throws -> CommandRun {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let log = NSTemporaryDirectory() + "ReceiverTests-\(UUID().uuidString).log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: log) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return CommandRun(status: status, output: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }
}
