/// An option together with the way its value is read: what a section decodes itself with.
///
/// The sections read nothing but settings, and the table of all options is made of the same settings, so that what is
/// read, what is known and what is described cannot drift apart.
struct Setting<Value: Sendable>: Sendable {
    let option: ConfigurationOption
    let syntax: ValueSyntax<Value>

    init(
        _ name: String, in section: [String], _ syntax: ValueSyntax<Value>, _ presence: ConfigurationOption.Presence,
        summary: String, consequence: String
    ) {
        option = ConfigurationOption(
            section: section, name: name, type: syntax.type, presence: presence, summary: summary,
            consequence: consequence)
        self.syntax = syntax
    }
}
