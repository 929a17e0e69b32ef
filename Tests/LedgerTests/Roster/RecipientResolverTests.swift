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
        let resolver = RecipientResolver(domainAliases: ["old.example": "example.com"]) { Self.roster[$0] }
        #expect(try resolver.mailbox(for: key) == expected)
    }
}
