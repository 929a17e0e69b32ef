import MailModel

/// The options of `[receive]` that say whose mail an address means. Every command reads them, also without the rest of the section.
extension ReceiveSection {
    static let recipientDelimiterSetting = Setting(
        "recipient_delimiter", in: path, ValueSyntax.delimiters, .defaulted("+"),
        summary: "The characters that part a user from an extension: anna+shop@ is anna@.",
        consequence: """
            As in Postfix each character counts, the first one in the address. An address that stands in the roster as it is \
            goes before. Empty for none.
            """)

    static let postmasterSetting = Setting(
        "postmaster", in: path, ValueSyntax.mailbox,
        .optional("such mail is held until somebody assigns it", example: "it@example.com"),
        summary: "The mailbox of the roster that gets what comes for postmaster and abuse in each of our domains.",
        consequence: """
            Mail for postmaster and abuse is taken whatever else is refused (RFC 5321, RFC 2142), also from clients on a \
            blocklist. A mailbox of the roster that has the very address goes before.
            """)
}

extension ValueSyntax where Value == String {
    /// Characters of a local part that are no letters and no digits; none twice.
    static let delimiters = ValueSyntax<String>(type: "characters") { node throws(ValueMistake) in
        if case .string(let text) = node, text.utf8.count <= 8, Set(text.utf8).count == text.utf8.count,
            text.utf8.allSatisfy({ "!#$%&'*+-./=?^_`{|}~".utf8.contains($0) })
        {
            return text
        }
        throw ValueMistake(
            "\(node.shown) is no row of delimiters",
            remedy: "write characters such as \"+\" or \"+-\", or \"\" for none")
    }

    /// An address, in lower case.
    static let mailbox = text("address", remedy: "write the address of a mailbox, such as \"it@example.com\"") { text in
        guard let address = MailAddress(text), !address.localPart.isEmpty,
            !text.contains(where: \.isWhitespace), DomainName.normalized(address.domain) != nil
        else { return nil }
        return address.key
    }
}

extension LayoverConfiguration {
    /// How recipients are read: by the receiver, the replay and every command alike.
    var addressRules: AddressRules {
        AddressRules(
            domainAliases: domainAliases.domains, recipientDelimiter: recipientDelimiter, postmaster: postmaster)
    }
}
