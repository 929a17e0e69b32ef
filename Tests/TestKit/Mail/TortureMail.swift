import Foundation

/// The test mails of Python's email package, where a Python of this machine has them: real mail, and mail that is broken on purpose.
public enum TortureMail {
    /// Every file as the content of a mail with CRLF line ends; empty where no Python has them.
    public static let contents: [(name: String, content: [UInt8])] = {
        guard let folder = folder() else { return [] }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".txt")
        }.sorted()
        return names.compactMap { name in
            guard let data = FileManager.default.contents(atPath: folder + "/" + name), !data.contains(0) else {
                return nil
            }
            return (name, withCRLF(Array(data)))
        }
    }()

    private static func folder() -> String? {
        let python = "import os, test.test_email as t; print(os.path.join(os.path.dirname(t.__file__), 'data'))"
        let output = FileManager.default.temporaryDirectory.appending(path: "python-\(UInt32.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: output) }
        guard
            let process = try? ChildProcess(
                "/usr/bin/env", ["python3", "-c", python], standardOutput: output,
                standardError: URL(filePath: "/dev/null")),
            (try? process.wait(within: .seconds(30))) == .exited(0)
        else { return nil }
        return process.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func withCRLF(_ bytes: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        for byte in bytes where byte != 0x0D {
            if byte == 0x0A { lines.append(0x0D) }
            lines.append(byte)
        }
        return lines
    }
}
