/// Finds the line on which a key stands, since the TOML library keeps no positions of values.
///
/// It reads any text, also a broken one, and always comes to an end; what it cannot read it skips to the next line.
/// Whether the text is right TOML is for the TOML parser to say.
struct TOMLKeyLocator: Sendable {
    /// Every key and table header in the order of the text.
    private(set) var entries: [(key: ConfigurationKey, line: Int)] = []
    private var firstLines: [ConfigurationKey: Int] = [:]

    init(_ text: String) {
        var scanner = TOMLScanner(Array(text.utf8))
        var table = ConfigurationKey.root
        while scanner.skipToContent() {
            let line = scanner.line
            if let header = scanner.tableHeader() {
                table = ConfigurationKey(header)
                record(header, under: .root, line: line)
            } else if let key = scanner.dottedKey() {
                record(key, under: table, line: line)
                guard scanner.take(UInt8(ascii: "=")) else {
                    scanner.skipLine()
                    continue
                }
                readValue(of: ConfigurationKey(table.components + key), from: &scanner, depth: 0)
                // What is left of a line after its value is a comment, or a mistake.
                scanner.skipLine()
            } else {
                scanner.skipLine()
            }
        }
    }

    /// The line where the key, the table or something inside it stands first; nil when the text does not hold it.
    func line(of key: ConfigurationKey) -> Int? { firstLines[key] }

    /// The key that was being read at a line: the last one that begins on it or before it.
    func key(at line: Int) -> ConfigurationKey? {
        entries.last { $0.line <= line && !$0.key.components.isEmpty }?.key
    }

    private mutating func record(_ components: [String], under table: ConfigurationKey, line: Int) {
        var key = table
        for component in components {
            key = key.appending(component)
            if firstLines[key] == nil { firstLines[key] = line }
        }
        entries.append((key, line))
    }

    /// Deeper nesting than this is not followed: the options have none.
    private static let maximumDepth = 16

    private mutating func readValue(of key: ConfigurationKey, from scanner: inout TOMLScanner, depth: Int) {
        guard depth < Self.maximumDepth else { return scanner.skipLine() }
        if scanner.take(UInt8(ascii: "[")) {
            readList(of: key, from: &scanner, depth: depth)
        } else if scanner.take(UInt8(ascii: "{")) {
            readInlineTable(of: key, from: &scanner, depth: depth)
        } else {
            scanner.skipScalar()
        }
    }

    /// `[ "a", "b" ]`, over as many lines as it likes.
    private mutating func readList(of key: ConfigurationKey, from scanner: inout TOMLScanner, depth: Int) {
        var index = 0
        while scanner.skipToContent(), !scanner.take(UInt8(ascii: "]")) {
            let start = scanner.position
            let element = key.element(index)
            if firstLines[element] == nil { firstLines[element] = scanner.line }
            readValue(of: element, from: &scanner, depth: depth + 1)
            guard scanner.skipToContent() else { return }
            if scanner.take(UInt8(ascii: ",")) { index += 1 } else if scanner.position == start { return }
        }
    }

    /// `{ certificate = "…", key = "…" }`.
    private mutating func readInlineTable(of table: ConfigurationKey, from scanner: inout TOMLScanner, depth: Int) {
        while scanner.skipToContent(), !scanner.take(UInt8(ascii: "}")) {
            let line = scanner.line
            guard let key = scanner.dottedKey(), scanner.take(UInt8(ascii: "=")) else { return }
            record(key, under: table, line: line)
            readValue(of: ConfigurationKey(table.components + key), from: &scanner, depth: depth + 1)
            _ = scanner.take(UInt8(ascii: ","))
        }
    }
}
