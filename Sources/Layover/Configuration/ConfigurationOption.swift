/// One option of the configuration file as data: what `layover config describe` prints, what etc/layover.toml holds,
/// and what decides whether a key is known.
struct ConfigurationOption: Hashable, Sendable {
    enum Presence: Hashable, Sendable {
        /// The section is of no use without it; the example stands in the described file.
        case required(example: ConfigurationNode)
        /// What holds when the file is silent.
        case defaulted(ConfigurationNode)
        /// Needed with the defaults of the other options, so it is written out where the section is described; the
        /// text says when.
        case conditional(String, example: ConfigurationNode)
        /// May be missing; the text says what holds then.
        case optional(String, example: ConfigurationNode)
    }

    /// The header of its section, empty for the top of the file. A component in angle brackets stands for a name of
    /// the user's.
    let section: [String]
    /// The last component of the key; in angle brackets when the user chooses it.
    let name: String
    /// The kind of value, in a few words: `size`, `list of domains`.
    let type: String
    let presence: Presence
    /// What it does.
    let summary: String
    /// What follows from a wrong or a different value.
    let consequence: String

    /// The whole dotted key: `targets.<name>.port`.
    var key: String { (section + [name]).joined(separator: ".") }

    /// Whether a key of a file is this option.
    func matches(_ key: ConfigurationKey) -> Bool {
        let pattern = section + [name]
        return pattern.count == key.components.count && zip(pattern, key.components).allSatisfy(Self.componentMatches)
    }

    /// Whether a key of a file is a section in which this option stands, or one around it.
    func standsBelow(_ key: ConfigurationKey) -> Bool {
        key.components.count <= section.count && zip(section, key.components).allSatisfy(Self.componentMatches)
    }

    private static func componentMatches(_ pattern: String, _ component: String) -> Bool {
        pattern == component || pattern.hasPrefix("<")
    }
}
