import Foundation
import Testing

@testable import Console

/// Set `CONSOLE_SCREENSHOTS` to a directory to keep the pictures.
@Suite("The page in a browser", .serialized, .timeLimit(.minutes(10)))
struct BrowserTests {
    @Test(
        "A browser shows the page in any width and colour scheme, runs nothing in it, and has nothing to refuse",
        .enabled(if: Chromium.installed != nil, "needs Chromium: apt-get install chromium"),
        arguments: [("wide", 1400, 1500, 1), ("narrow", 400, 2600, 1), ("dark", 1400, 1500, 0)])
    func shows(name: String, width: Int, height: Int, colourScheme: Int) async throws {
        let chromium = try #require(Chromium.installed)
        let status = name == "dark" ? SampleStatus.healthy : SampleStatus.troubled
        try await RunningConsole.with(FixedSource(status)) { port in
            let directory =
                ProcessInfo.processInfo.environment["CONSOLE_SCREENSHOTS"]
                ?? FileManager.default.temporaryDirectory.path
            let picture = "\(directory)/layover-console-\(name)-\(port).png"
            defer {
                if ProcessInfo.processInfo.environment["CONSOLE_SCREENSHOTS"] == nil {
                    try? FileManager.default.removeItem(atPath: picture)
                }
            }
            let output = try await chromium.open(
                "http://127.0.0.1:\(port)/?still",
                options: [
                    "--window-size=\(width),\(height)", "--screenshot=\(picture)",
                    "--blink-settings=preferredColorScheme=\(colourScheme)",
                ])
            #expect(output.document.contains("id=\"mailboxes\""), "\(output.log)")
            // The hostile address stays text in the document that the browser made.
            #expect(!output.document.contains("<script") && !output.document.contains("<img"))
            for complaint in ["Refused to", "violates", "CONSOLE"] {
                #expect(!output.log.contains(complaint), "\(output.log)")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: picture)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
    }
}
