import Testing

@Suite("The code keeps the house rules")
struct CodeTests {
    @Test("The sources are found")
    func found() {
        #expect(Repository.sources.count > 100)
        #expect(Repository.tests.count > 30)
    }

    @Test("A file has fewer than 350 lines", arguments: Repository.everything)
    func length(_ file: SourceFile) {
        #expect(file.lines.count < 350, "\(file.path) has \(file.lines.count) lines: split it by what it does")
    }

    @Test("Nothing a peer, a disk or a file can cause reaches a trap by `!`", arguments: Repository.sources)
    func traps(_ file: SourceFile) {
        for (index, line) in file.code.enumerated() {
            let place = "\(file.path):\(index + 1)"
            #expect(!line.contains("try!"), "\(place): try!")
            #expect(!line.contains("as!"), "\(place): as!")
            #expect(!Self.unwrapsByForce(line), "\(place): force unwrap")
        }
    }

    @Test("Whoever switches a check off says why it is safe", arguments: Repository.sources)
    func safety(_ file: SourceFile) {
        for (index, line) in file.code.enumerated()
        where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
            // On the line, or right above or below it.
            let near = file.lines[max(0, index - 2)...min(index + 2, file.lines.count - 1)]
            #expect(near.contains { $0.contains("Safe because") }, "\(file.path):\(index + 1): no `Safe because …`")
        }
    }

    @Test("Nothing is left for later", arguments: Repository.sources)
    func unfinished(_ file: SourceFile) {
        for (index, line) in file.lines.enumerated() {
            for word in ["TODO", "FIXME"] {
                #expect(!line.contains(word), "\(file.path):\(index + 1): \(word)")
            }
        }
        let statements = file.code.filter { !$0.allSatisfy(\.isWhitespace) && !$0.contains("import ") }
        #expect(!statements.isEmpty, "\(file.path) is empty")
    }

    @Test(
        "A force unwrap is told from other exclamation marks",
        arguments: [
            ("let a = b!", true), ("f(x)!.y", true), ("a[0]! + 1", true), ("var a: String!", true),
            ("if !a && b != c { }", false), ("a !== b", false),
            ("let s = \"Hello!\"", false), ("x // really!", false), ("(!isOpen)", false),
        ])
    func unwrapIsKnown(_ line: String, _ isUnwrap: Bool) throws {
        let code = try #require(SourceFile(path: "Sources/A/a.swift", text: line).code.first)
        #expect(Self.unwrapsByForce(code) == isUnwrap)
    }

    private static func unwrapsByForce(_ line: String) -> Bool {
        let characters = Array(line)
        return characters.indices.dropFirst().contains { index in
            guard characters[index] == "!", index + 1 == characters.count || characters[index + 1] != "=" else {
                return false
            }
            let before = characters[index - 1]
            return before.isLetter || before.isNumber || "_)]}?".contains(before)
        }
    }
}
