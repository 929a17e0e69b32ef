import MailModel
import Testing

@testable import Ledger

@Suite("Which mailbox an address means")
struct RecipientResolverTests {
    static let roster: [String: Int64] = [
        "anna@example.com": 1, "anna+work@example.com": 2, "@catch.example": 3, "bert@catch.example": 4,
        "carl@old.example": 5, "postmaster": 6,
    ]

    static let table: [(String, Int64?)] = [
        ("anna@example.com", 1), ("anna+x@example.com", 1), ("anna+work@example.com", 2),
        ("anna+work+x@example.com", 1),
        ("nobody@example.com", nil), ("+anna@example.com", nil), ("\"anna+x\"@example.com", nil),
        ("anna@old.example", 1),
        ("anna+x@old.example", 1), ("carl@old.example", 5), ("nobody@old.example", nil), ("bert@catch.example", 4),
        ("bert+x@catch.example", 4), ("anyone@catch.example", 3), ("postmaster", 6), ("", nil), ("@", nil),
    ]

    @Test("alias domain, exact, without tag, catch-all, none", arguments: table)
    func resolves(key: String, expected: Int64?) throws {
        let resolver = RecipientResolver(rules: AddressRules(domainAliases: ["old.example": "example.com"])) {
            Self.roster[$0]
        }
        #expect(try resolver.mailbox(for: key) == expected)
    }

    static let delimiters: [(String, String, Int64?)] = [
        ("-", "anna-x@example.com", 1), ("-", "anna+x@example.com", nil), ("+-", "anna-x+y@example.com", 1),
        ("+-", "anna+x-y@example.com", 1), ("", "anna+x@example.com", nil), ("", "anna+work@example.com", 2),
        ("-", "owner-anna@example.com", nil), ("-", "anna-request@example.com", nil), ("-", "-anna@example.com", nil),
    ]

    @Test(
        "recipient_delimiter parts the user from the extension as Postfix does; an exact entry wins",
        arguments: delimiters)
    func delimits(delimiter: String, key: String, expected: Int64?) throws {
        let resolver = RecipientResolver(rules: AddressRules(recipientDelimiter: delimiter)) { Self.roster[$0] }
        #expect(try resolver.mailbox(for: key) == expected)
    }

    static let roles: [(String, Int64?)] = [
        ("postmaster@example.com", 1), ("abuse@old.example", 1), ("postmaster+x@example.com", 1),
        ("postmaster@catch.example", 1), ("bert@catch.example", 4), ("webmaster@example.com", nil),
    ]

    @Test("postmaster and abuse go to the postmaster's mailbox, before any catch-all", arguments: roles)
    func postmaster(key: String, expected: Int64?) throws {
        let rules = AddressRules(domainAliases: ["old.example": "example.com"], postmaster: "Anna@example.com")
        #expect(try RecipientResolver(rules: rules) { Self.roster[$0] }.mailbox(for: key) == expected)
    }

    @Test("a postmaster of the roster's own is the one; a configured one that is in no mailbox leaves the catch-all")
    func exactPostmaster() throws {
        let own: [String: Int64] = ["postmaster@example.com": 7, "anna@example.com": 1, "@example.com": 9]
        let rules = AddressRules(postmaster: "anna@example.com")
        #expect(try RecipientResolver(rules: rules) { own[$0] }.mailbox(for: "postmaster@example.com") == 7)
        let astray = AddressRules(postmaster: "gone@example.com")
        #expect(try RecipientResolver(rules: astray) { own[$0] }.mailbox(for: "abuse@example.com") == 9)
    }
}
