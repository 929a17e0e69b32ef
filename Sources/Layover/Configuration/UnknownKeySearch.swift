/// Finds the keys of a document that are no options, and says what was probably meant.
struct UnknownKeySearch: Sendable {
    private let options = ConfigurationOption.all

    /// The unknown key, or the section that is none, that stands first in the file.
    func firstUnknownKey(in document: ConfigurationDocument) -> ConfigurationError? {
        var errors: [ConfigurationError] = []
        collect(document.root, at: .root, in: document, into: &errors)
        return errors.min { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private func collect(
        _ node: ConfigurationNode, at key: ConfigurationKey, in document: ConfigurationDocument,
        into errors: inout [ConfigurationError]
    ) {
        if options.contains(where: { $0.matches(key) }) { return }
        guard options.contains(where: { $0.standsBelow(key) }) else {
            errors.append(document.error(at: key, ValueMistake("unknown key", remedy: remedy(for: key))))
            return
        }
        guard case .table(let members) = node else {
            errors.append(document.error(at: key, notASection(node, at: key)))
            return
        }
        for (name, member) in members { collect(member, at: key.appending(name), in: document, into: &errors) }
    }

    private func notASection(_ node: ConfigurationNode, at key: ConfigurationKey) -> ValueMistake {
        if case .list = node {
            return ValueMistake("is a list where a section belongs", remedy: "write [\(key)] in single brackets")
        }
        let name = key.components.last ?? ""
        let missingName = options.first { $0.section.count == key.components.count && $0.name == name }
        if let missingName, missingName.section.last?.hasPrefix("<") == true {
            return ValueMistake(
                "\(node.shown) stands outside a named section", remedy: "put it below a header such as [targets.ox]")
        }
        return ValueMistake(
            "\(node.shown) stands where a section belongs", remedy: "write [\(key)] with its keys below")
    }

    private func remedy(for key: ConfigurationKey) -> String {
        let name = key.components.last ?? ""
        let siblings = namesBelow(key.parent)
        if let nearest = NearestName.nearest(to: name, among: siblings) { return "write \(nearest)" }
        let known = "known here: \(siblings.joined(separator: ", "))"
        guard let other = options.first(where: { $0.name == name }) else { return "remove it; \(known)" }
        let place = other.section.isEmpty ? "at the top of the file" : "under [\(other.section.joined(separator: "."))]"
        return "it belongs \(place); \(known)"
    }

    /// The keys and sections that may stand directly below a section, in the order of the table.
    private func namesBelow(_ section: ConfigurationKey) -> [String] {
        var names: [String] = []
        for option in options where option.standsBelow(section) {
            let name = (option.section + [option.name])[section.components.count]
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
