import MailModel

/// Addresses of the roster in domains that the receiver does not take mail for: no message can ever come for them.
struct ForeignAddresses {
    private static let shown = 3

    let addresses: [String]

    /// Nil where there are none.
    init?(in addresses: [String], domains: [String]) {
        let taken = Set(domains)
        self.addresses = addresses.filter { text in MailAddress(text).map { !taken.contains($0.domain) } ?? false }
        if self.addresses.isEmpty { return nil }
    }

    /// `2 addresses are in no domain of receive.domains, so no mail comes for them: gina@exmaple.com, …`
    var words: String {
        let names = addresses.prefix(Self.shown).joined(separator: ", ")
        let one = addresses.count == 1
        return
            "\(addresses.count) address\(one ? " is" : "es are") in no domain of receive.domains, so no mail comes for \(one ? "it" : "them"): \(names)\(addresses.count > Self.shown ? ", …" : "")"
    }
}
