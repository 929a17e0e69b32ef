/// The text of `layover config describe`: every option with what it does, what follows and its default, as a
/// configuration file that can be edited. etc/layover.toml is this text.
enum ConfigurationDescription {
    static var text: String {
        var lines = introduction
        var section: [String] = []
        for option in ConfigurationOption.all {
            if option.section != section {
                section = option.section
                lines += ["", ""] + header(of: section)
            }
            lines += [""] + describe(option)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Stand-ins for the names that a user chooses.
    private static let exampleNames = ["<name>": "ox", "<old domain>": "\"example.fr\""]

    /// Sections that most installations begin without.
    private static let sectionsSwitchedOff = [ReceiveTLSSection.path]

    private static let introduction = [
        "# The configuration of Layover. What must be set is written out; a line that begins with # and a key shows",
        "# the default or an example: remove the # and change the value. An unknown key, a bad value or an unreadable file",
        "# stops the command with exit 78 and one line that names file, line and key. After a change: `layover check`.",
        "#",
        "# Sizes: B, KiB, MiB, GiB (of 1024), kB, MB, GB (of 1000). Durations: ms, s, min, h, days, weeks.",
    ]

    private static func header(of section: [String]) -> [String] {
        let name = section.map { exampleNames[$0] ?? $0 }.joined(separator: ".")
        let off = sectionsSwitchedOff.contains(section)
        return wrapped(sectionSummary[section] ?? "") + [off ? "#[\(name)]" : "[\(name)]"]
    }

    private static let sectionSummary = [
        SpoolSection.path: "Where held mail lies. Used by every command.",
        ReceiveSection.path: "The MX. Used by `layover receive` and `layover serve`.",
        ReceiveLimitsSection.path: "How much one client may do before it is slowed down or told to come back later.",
        BlocklistsSection.path: """
        DNS blocklists. Off as long as no zone is named. A list that does not answer in time lists nobody.
        """,
        VerdictSection.path: "Whose word it is that a message is junk. By default nobody's.",
        ReceiveTLSSection.path: "The certificate for STARTTLS. Without this section STARTTLS is not offered.",
        TargetSection.path: """
        A system that held mail is delivered to: one section each, under the name that the roster's column `target` \
        uses. Used by `layover replay`, `layover check` and `layover serve`.
        """,
        DomainAliases.path: "Whole domains that are another name of a domain.",
        ConsoleSection.path: "Status page, metrics and health. Used by `layover console` and `layover serve`.",
        LogSection.path: "What is written to standard error, where systemd's journal takes it up.",
    ]

    private static func describe(_ option: ConfigurationOption) -> [String] {
        let name = exampleNames[option.name] ?? option.name
        let comment = wrapped(option.summary) + wrapped(option.consequence)
        switch option.presence {
        case .required(let example):
            let off = sectionsSwitchedOff.contains(option.section) ? "#" : ""
            return comment + wrapped("Required: \(option.type).") + ["\(off)\(name) = \(example.tomlText)"]
        case .conditional(let meaning, let example):
            return comment + wrapped("Default: none; \(meaning) (\(option.type)).") + ["\(name) = \(example.tomlText)"]
        case .defaulted(let value):
            return comment + wrapped("Default: \(value.tomlText) (\(option.type)).") + ["#\(name) = \(value.tomlText)"]
        case .optional(let meaning, let example):
            return comment + wrapped("Default: \(meaning) (\(option.type)).") + ["#\(name) = \(example.tomlText)"]
        }
    }

    private static let lineWidth = 110

    /// The text as comment lines.
    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = "#"
        for word in text.split(whereSeparator: \.isWhitespace) {
            if line.count + word.count + 1 > lineWidth {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return lines + [line]
    }
}
