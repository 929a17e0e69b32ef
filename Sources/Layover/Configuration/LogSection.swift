/// `[log]`: how much is written to standard error, and in which form.
struct LogSection: Hashable, Sendable {
    /// The levels of swift-log, under the same names.
    enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }
    enum Format: String, CaseIterable, Sendable { case text, json }

    let level: Level
    let format: Format

    init(_ reader: SectionReader) throws(ConfigurationError) {
        level = try reader.value(Self.levelSetting)
        format = try reader.value(Self.formatSetting)
    }
}

extension LogSection {
    static let path = ["log"]

    static let options = [levelSetting.option, formatSetting.option]

    static let levelSetting = Setting(
        "level", in: path, ValueSyntax<Level>.choice, .defaulted("info"),
        summary:
            "The least important lines that are still written: trace, debug, info, notice, warning, error or critical.",
        consequence:
            """
            Every message accepted is one "notice", and so are a follower's deliveries, summed up once a minute; a message \
            that is parked is an "error". What became of each one: `layover audit`.
            """)

    static let formatSetting = Setting(
        "format", in: path, ValueSyntax<Format>.choice, .defaulted("text"),
        summary: "The form of a line: text for people, json (one object a line) for log collectors.",
        consequence: "Both carry the same fields.")
}
