import Receiver

/// `[receive.verdict]`: whose word it is that a message is junk.
struct VerdictSection: Hashable, Sendable {
    let gateways: [IPNetwork]
    let junk: [JunkField]

    init(_ reader: SectionReader) throws(ConfigurationError) {
        gateways = try reader.optionalValue(Self.gatewaysSetting) ?? []
        junk = try reader.value(Self.junkSetting)
    }
}

extension VerdictSection {
    static let path = ["receive", "verdict"]

    static let options = [gatewaysSetting.option, junkSetting.option]

    static let gatewaysSetting = Setting(
        "gateways", in: path, ValueSyntax.network.list("list of networks"),
        .optional("nobody is believed", example: ["192.0.2.9"]),
        summary: "The filtering gateways whose verdict on a message is believed.",
        consequence: """
            What they call junk goes into targets.*.junk_folder at replay. The gateway must take out such fields that the \
            sender has written. From everybody else they mean nothing.
            """)

    static let junkSetting = Setting(
        "junk", in: path, ValueSyntax.junkField.list("list of header fields"),
        .defaulted(["X-Spam-Flag: YES", "X-Spam: Yes"]),
        summary: "The header fields, and how their values begin, that call a message junk; one is enough.",
        consequence: "Upper and lower case are the same. Seen when the message is taken: a change holds for later mail."
    )
}

extension ValueSyntax where Value == JunkField {
    static let junkField = text(
        "header field with its value",
        remedy:
            "write a field and how its value begins, such as \"X-Spam-Flag: YES\"; not Received or Authentication-Results",
        JunkField.init)
}
