import Foundation
import TestKit
import Testing

@Suite("The units in systemd/")
struct UnitTests {
    private static let folder = SourceTree.shippedConfiguration.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "systemd")
    private static let services = ["layover-receive.service", "layover-replay.service", "layover-console.service"]
    private static let tool = "/usr/bin/systemd-analyze"
    private static let hasTool = access(tool, X_OK) == 0

    private static func analyze(_ arguments: [String]) throws -> FinishedProgram {
        try HostProgram.finish("systemd-analyze", arguments)
    }

    @Test(
        "systemd-analyze verify has nothing to say", .enabled(if: hasTool, "needs systemd-analyze (Debian's systemd)"))
    func verify() throws {
        // A copy that runs a program which is there: verify looks for it.
        let copy = FileManager.default.temporaryDirectory.appending(path: "layover-units-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: copy) }
        let units = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
            $0.hasSuffix(".service") || $0.hasSuffix(".socket") || $0.hasSuffix(".target")
        }
        #expect(units.count == 5)
        for name in units {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            try Data(text.replacing("/usr/local/bin/layover", with: "/bin/true").utf8).write(
                to: copy.appending(path: name))
        }
        let result = try Self.analyze(["verify"] + units.map { copy.appending(path: $0).path })
        let ours = result.text.split(separator: "\n").filter { $0.contains("layover") }
        #expect(ours.isEmpty, "\(result.text)")
    }

    @Test(
        "systemd-analyze security rates each service 2.0 or better", .enabled(if: hasTool, "needs systemd-analyze"),
        arguments: services)
    func security(_ name: String) throws {
        let result = try Self.analyze([
            "security", "--offline=true", "--no-pager", "--threshold=20", Self.folder.appending(path: name).path,
        ])
        #expect(result.isSuccess, "\(result.text.suffix(400))")
    }

    @Test("Every service is of type notify, watched, and tells what its hardening leaves out", arguments: services)
    func form(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        for line in ["Type=notify", "WatchdogSec=", "Restart=on-failure", "# Left out:", "Group=layover"] {
            #expect(text.contains("\n\(line)"), "\(line)")
        }
    }

    @Test("Stopping the target stops everything, the socket too, which would start the receiver again")
    func stopping() throws {
        for name in Self.services + ["layover-receive.socket"] {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(text.contains("\nPartOf=layover.target\n"), "\(name)")
        }
    }

    @Test("Only the replay is given credentials, and only the receiver is its own user")
    func rights() throws {
        for name in Self.services {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            #expect(text.contains("\nLoadCredential=") == (name == "layover-replay.service"))
            #expect(text.contains("\nUser=layover-mx\n") == (name == "layover-receive.service"))
        }
    }
}
