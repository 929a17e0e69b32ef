public import Foundation

/// Messages taken out of a spool without Layover: by the script that the README gives to whoever must.
public struct SpoolByHand: Sendable {
    /// The stored bytes of each message that the script did not call damaged, our `Received:` line included.
    public private(set) var messages: [String: [UInt8]] = [:]
    /// What it called damaged.
    public private(set) var damaged: [String] = []

    /// Reads the whole spool. Throws with what Python said where the script fails.
    public init(_ spool: URL) throws {
        let directory = URL(filePath: "/tmp/layover-by-hand-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = directory.appending(path: "layover-read")
        try Data(Self.script().utf8).write(to: script)
        let printed = try HostProgram.run(
            "env", ["-C", directory.path, "python3", script.path, spool.path], within: .seconds(300))
        for line in printed.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let id = words.first.map(String.init), let verdict = words.last else { continue }
            guard verdict != "DAMAGED" else {
                damaged.append(id)
                continue
            }
            messages[id] = Array(try Data(contentsOf: directory.appending(path: id + ".eml")))
        }
    }

    /// The one Python script in the README.
    private static func script() throws -> String {
        let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        guard let start = text.range(of: "```python\n"),
            let end = text.range(of: "\n```", range: start.upperBound..<text.endIndex)
        else { throw TestFailure("the README has no script that reads a spool") }
        return String(text[start.upperBound..<end.lowerBound])
    }
}

extension DeliveryOracle {
    /// What is wrong with a spool: every acknowledged mail must be in it to the octet, and nothing that was never sent.
    public func faults(in spool: SpoolByHand) -> [String] {
        var faults = spool.damaged.map { "\($0) is damaged" }
        let acknowledged = acknowledged
        for (id, mail) in acknowledged {
            guard let stored = spool.messages[id] else {
                faults.append("\(id) (\(mail.name)) is missing")
                continue
            }
            let isWhole =
                stored.starts(with: "Received: ".utf8) && stored.count > mail.expected.count
                && stored.suffix(mail.expected.count).elementsEqual(mail.expected)
            if !isWhole { faults.append("\(id) (\(mail.name)) is another mail than was sent") }
        }
        return faults
    }
}
