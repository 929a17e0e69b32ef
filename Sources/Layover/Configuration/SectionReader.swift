import SystemTLS

/// Reads the settings of one section out of a document.
struct SectionReader: Sendable {
    let document: ConfigurationDocument
    /// The header of the section, `["targets", "ox"]`.
    let section: ConfigurationKey

    init(_ document: ConfigurationDocument, section: [String] = []) {
        self.document = document
        self.section = ConfigurationKey(section)
    }

    /// Whether the file holds the section or anything inside it.
    var isPresent: Bool { document.node(at: section) != nil }

    /// The value in the file, else the default. Throws for a value that does not fit and for a required one that is
    /// missing.
    func value<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value {
        if let value = try optionalValue(setting) { return value }
        guard case .defaulted(let node) = setting.option.presence else { throw missing(setting.option) }
        return try parse(node, setting, key: key(of: setting))
    }

    /// The value in the file; nil when it is silent. Throws for a value that does not fit.
    func optionalValue<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value? {
        assert(
            ConfigurationOption.all.contains(setting.option), "\(setting.option.key) is missing in the table of options"
        )
        guard let node = document.node(at: key(of: setting)) else { return nil }
        return try parse(node, setting, key: key(of: setting))
    }

    /// The value under a name that the user chose, for an option that stands for any name.
    func value<Value>(_ setting: Setting<Value>, named name: String) throws(ConfigurationError) -> Value {
        let key = section.appending(name)
        guard let node = document.node(at: key) else { throw missing(setting.option) }
        return try parse(node, setting, key: key)
    }

    /// An error about the value of a setting, for what only the section as a whole can judge.
    func error<Value>(_ setting: Setting<Value>, _ message: String, remedy: String) -> ConfigurationError {
        document.error(at: key(of: setting), ValueMistake(message, remedy: remedy))
    }

    /// An error about what the file that a setting names holds; it names its remedy itself.
    func error<Value>(_ setting: Setting<Value>, _ error: TLSError) -> ConfigurationError {
        self.error(setting, "\(error)", remedy: "")
    }

    /// Throws unless this process can read the file that a setting names.
    func requireReadable<Value>(_ path: String, _ setting: Setting<Value>, remedy: String) throws(ConfigurationError) {
        guard let obstacle = ConfigurationFile.obstacle(toReading: path) else { return }
        throw error(setting, "cannot read \"\(path)\": \(obstacle)", remedy: remedy)
    }

    private func key<Value>(of setting: Setting<Value>) -> ConfigurationKey { section.appending(setting.option.name) }

    private func parse<Value>(
        _ node: ConfigurationNode, _ setting: Setting<Value>, key: ConfigurationKey
    ) throws(ConfigurationError) -> Value {
        do throws(ValueMistake) {
            return try setting.syntax.parse(node)
        } catch {
            throw document.error(at: key, error)
        }
    }

    private func missing(_ option: ConfigurationOption) -> ConfigurationError {
        let place = section.components.isEmpty ? "at the top of the file" : "under [\(section)]"
        let example =
            switch option.presence {
            case .required(let node), .defaulted(let node), .conditional(_, let node), .optional(_, let node): node
            }
        return document.error(
            at: section.appending(option.name),
            ValueMistake(
                "is missing", remedy: "write `\(option.name) = \(example.tomlText)` \(place), with your own value"))
    }
}
