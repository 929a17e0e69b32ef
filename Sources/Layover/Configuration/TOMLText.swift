import TOMLKit

/// The only place that knows the TOML library.
enum TOMLText {
    /// Parses a text into plain values; a syntax error is told with its line, the key near it and a remedy.
    static func parse(
        _ text: String, file: String, locator: TOMLKeyLocator
    ) throws(ConfigurationError) -> ConfigurationNode {
        do {
            return node(try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw syntaxError(error, file: file, locator: locator)
        } catch {
            throw ConfigurationError(file: file, line: 1, key: nil, message: "\(error)", remedy: "write right TOML")
        }
    }

    private static func node(_ value: any TOMLValueConvertible) -> ConfigurationNode {
        if let text = value.string { return .string(text) }
        if let number = value.int { return .integer(number) }
        if let table = value.table {
            var members: [String: ConfigurationNode] = [:]
            for key in table.keys { members[key] = table[key].map { node($0) } ?? .other("value") }
            return .table(members)
        }
        if let array = value.array { return .list((0..<array.count).map { node(array[$0]) }) }
        return .other(value.type == .bool ? "boolean" : value.type.description)
    }

    private static func syntaxError(
        _ error: TOMLParseError, file: String, locator: TOMLKeyLocator
    ) -> ConfigurationError {
        let line = max(1, error.source.begin.line)
        let key = locator.key(at: line)
        return ConfigurationError(
            file: file, line: line, key: key.map { "\($0)" }, message: "not TOML: \(shortened(error.description))",
            remedy: remedy(for: error.description, at: line, first: key.flatMap { locator.line(of: $0) }))
    }

    private static func remedy(for description: String, at line: Int, first: Int?) -> String {
        if description.contains("redefine") {
            let place = first.map { $0 < line ? " (the first stands on line \($0))" : "" } ?? ""
            return "keep one of the two\(place)"
        }
        if description.contains("parsing string") {
            return "end the text with the quote it began with, on the same line"
        }
        if description.contains("parsing array") {
            return "put commas between the values of a list and ] after the last"
        }
        if description.contains("parsing table header") { return "write a header such as [receive]" }
        if description.contains("parsing value") {
            return "write text in double quotes, such as \"mx1.example.com\", and numbers plain"
        }
        return "write `key = value` lines below [section] headers, with text in double quotes"
    }

    /// Without the library's "Error while parsing …" in front where something follows it.
    private static func shortened(_ description: String) -> String {
        let parts = description.split(separator: ": ", maxSplits: 1)
        return parts.count == 2 && parts[0].hasPrefix("Error while") ? String(parts[1]) : description
    }
}
