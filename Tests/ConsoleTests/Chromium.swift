import Foundation

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
        let files = ["document", "log"].map { directory.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking", "--user-data-dir=\(directory.path)/profile",
                "--enable-logging=stderr", "--timeout=20000",
            ] + options + ["--dump-dom", url]
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Output(document: texts[0], log: texts[1])
    }
}
