/// A value of the file as a plain Swift value, detached from the TOML library.
indirect enum ConfigurationNode: Hashable, Sendable {
    case string(String)
    case integer(Int)
    case list([ConfigurationNode])
    case table([String: ConfigurationNode])
    /// A kind of value that no option takes, with its name: `boolean`, `date`, …
    case other(String)
}

extension ConfigurationNode {
    /// The value as an error shows it: short, quoted, without its content when it is long.
    var shown: String {
        switch self {
        case .string(let text) where text.count > 80: "\"\(text.prefix(80))…\""
        case .string(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        case .list: "a list"
        case .table: "a section"
        case .other(let name): "a \(name)"
        }
    }

    /// The value as it stands in a TOML file. Only for the values of the option table, which are plain.
    var tomlText: String {
        switch self {
        case .string(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        case .list(let elements): "[" + elements.map(\.tomlText).joined(separator: ", ") + "]"
        case .table, .other: "{}"
        }
    }
}

extension ConfigurationNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(arrayLiteral elements: ConfigurationNode...) { self = .list(elements) }
}
