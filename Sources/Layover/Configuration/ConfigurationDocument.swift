/// The text of a configuration file, parsed, with the lines of its keys.
///
/// A value of this type is right TOML without an unknown key; what the values say is checked by the sections that use
/// them.
struct ConfigurationDocument: Sendable {
    let file: String
    let root: ConfigurationNode
    private let locator: TOMLKeyLocator

    /// Reads and parses a file. Throws for a file that cannot be read, is not UTF-8, is not TOML, or holds an unknown
    /// key.
    init(file: String) throws(ConfigurationError) {
        try self.init(bytes: ConfigurationFile.read(file), file: file)
    }

    init(bytes: [UInt8], file: String) throws(ConfigurationError) {
        let text = try Self.text(bytes, file: file)
        self.file = file
        locator = TOMLKeyLocator(text)
        root = try TOMLText.parse(text, file: file, locator: locator)
        if let unknown = UnknownKeySearch().firstUnknownKey(in: self) { throw unknown }
    }

    /// The value at a key; nil when the file does not hold it.
    func node(at key: ConfigurationKey) -> ConfigurationNode? {
        var node = root
        for component in key.components {
            guard case .table(let members) = node, let member = members[component] else { return nil }
            node = member
        }
        return node
    }

    /// The line of the key or, when it is missing, of the nearest section around it; 1 when there is none.
    func line(of key: ConfigurationKey) -> Int {
        if let line = locator.line(of: key) { return line }
        return key.components.isEmpty ? 1 : line(of: key.parent)
    }

    func error(at key: ConfigurationKey, _ mistake: ValueMistake) -> ConfigurationError {
        let place = mistake.element.map { key.element($0) } ?? key
        return ConfigurationError(
            file: file, line: line(of: place), key: "\(key)", message: mistake.message, remedy: mistake.remedy)
    }

    private static func text(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> String {
        func refuse(at index: Int, _ message: String, _ remedy: String) -> ConfigurationError {
            let line = bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
            return ConfigurationError(file: file, line: line, key: nil, message: message, remedy: remedy)
        }
        if let index = firstInvalidUTF8(bytes) {
            throw refuse(at: index, "is not UTF-8", "save the file as UTF-8")
        }
        // The TOML library takes a C string: what follows a NUL would silently not be read.
        if let index = bytes.firstIndex(of: 0) {
            throw refuse(at: index, "holds a NUL byte", "remove it")
        }
        // And for the same reason an escaped one would cut its text short.
        for escape in ["\\u0000", "\\U00000000"] {
            guard let range = bytes.firstRange(of: Array(escape.utf8)) else { continue }
            throw refuse(at: range.lowerBound, "holds a NUL character (\(escape))", "remove it")
        }
        // A byte order mark, as some editors write it, is no part of the text.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return String(decoding: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self)
    }

    /// The index of the first byte that is not part of right UTF-8 (RFC 3629).
    private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            if String(validating: bytes[start...index], as: UTF8.self) == nil { return start }
            start = index + 1
        }
        return start
    }
}
