/// The path to a value: `["targets", "ox", "port"]`.
struct ConfigurationKey: Hashable, Sendable {
    var components: [String]

    init(_ components: [String]) { self.components = components }

    static let root = ConfigurationKey([])

    var parent: ConfigurationKey { ConfigurationKey(components.dropLast()) }

    func appending(_ component: String) -> ConfigurationKey { ConfigurationKey(components + [component]) }

    /// The key under which a locator remembers an element of a list, counted from 0.
    func element(_ index: Int) -> ConfigurationKey { appending("[\(index)]") }
}

extension ConfigurationKey: CustomStringConvertible {
    /// Dotted, as TOML writes it: a component that is not a bare key is quoted.
    var description: String {
        components.map { Self.isBare($0) ? $0 : "\"\($0)\"" }.joined(separator: ".")
    }

    private static func isBare(_ component: String) -> Bool {
        !component.isEmpty && component.utf8.allSatisfy(\.isBareKeyByte)
    }
}

extension UInt8 {
    /// `A-Z a-z 0-9 _ -`, the bytes of a bare key (TOML 1.0.0, "Keys").
    var isBareKeyByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
