import Testing

@Suite("Names tell the job")
struct NamingTests {
    /// Words that a file can be named with when nobody knows what it is for.
    private static let emptyWords: Set<String> = [
        "Core", "Common", "Util", "Utils", "Utilities", "Helper", "Helpers", "Manager", "Misc", "New", "Stuff",
    ]

    /// The options that every verb has in common: there the word is the job.
    private static let kept = "CommonOptions"

    @Test("No file or folder is called after the drawer it was put into", arguments: Repository.everything)
    func words(_ file: SourceFile) {
        for part in file.path.split(separator: "/").map({ $0.prefix { $0 != "." } }) where part != Self.kept {
            let empty = Self.words(of: String(part)).filter(Self.emptyWords.contains)
            #expect(empty.isEmpty, "\(file.path): name it for its job, not \(empty.joined(separator: ", "))")
        }
    }

    @Test("No file only holds a place")
    func placeholders() {
        let names = (Repository.paths(under: "Sources") + Repository.paths(under: "Tests")).filter {
            $0.hasSuffix("/.gitkeep") || $0.lowercased().contains("/placeholder")
        }
        #expect(names.isEmpty)
    }

    @Test(
        "A name is split into its words",
        arguments: [
            ("SMTPSessionHandler", ["SMTP", "Session", "Handler"]), ("MessageID", ["Message", "ID"]),
            ("Newline", ["Newline"]),
            ("CommonOptions", ["Common", "Options"]), ("TLSHandler+Core", ["TLS", "Handler", "Core"]),
        ])
    func split(_ name: String, _ words: [String]) {
        #expect(Self.words(of: name) == words)
    }

    /// `SMTPSessionHandler` is SMTP, Session, Handler.
    private static func words(of name: String) -> [String] {
        let characters = Array(name)
        var words: [String] = []
        for (index, character) in characters.enumerated() {
            guard character.isLetter || character.isNumber else {
                words.append("")
                continue
            }
            let isAfterSmall = index > 0 && characters[index - 1].isLowercase
            let isBeforeSmall = index + 1 < characters.count && characters[index + 1].isLowercase
            if words.isEmpty || character.isUppercase && (isAfterSmall || isBeforeSmall) { words.append("") }
            words[words.count - 1].append(character)
        }
        return words.filter { !$0.isEmpty }
    }
}
