import Foundation
import TestKit

/// A headless Chromium, run once for each page.
struct Chromium {
    let path: String

    /// Nil where none is installed.
    static let installed: Chromium? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }.map(Chromium.init)

    struct Output {
        let document: String
        let log: String
    }

    /// Opens a page; returns the document as the browser made it of the page, and what it complained of.
    func open(_ url: String, options: [String] = []) async throws -> Output {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("console-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let process = try ChildProcess(
            path,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking", "--user-data-dir=\(directory.path)/profile",
                "--enable-logging=stderr", "--timeout=20000",
            ] + options + ["--dump-dom", url],
            standardOutput: directory.appendingPathComponent("document"),
            standardError: directory.appendingPathComponent("log"))
        try await process.ended(within: .seconds(60))
        return Output(document: process.outputText, log: process.errorText)
    }
}
