import MailModel
import SMTPProtocol
import Testing

@testable import Receiver

@Suite("Whose mail is taken", .timeLimit(.minutes(10)))
struct RecipientPolicyTests {
    static let roster = ["anna@example.com", "bob%site@example.com", "@catch.example", "carl@old.example"]

    private func verdict(
        _ address: String, unknown: ReceiverConfiguration.UnknownRecipients = .hold, roster: [String]? = roster
    ) throws -> RecipientVerdict {
        let spool = try TestSpool()
        if let roster { try spool.writeRoster(roster) }
        let known = KnownRecipients(layout: spool.layout)
        try known.refresh()
        var configuration = ReceiverFixture.configuration()
        configuration.domains += ["catch.example"]
        configuration.unknownRecipients = unknown
        let policy = RecipientPolicy(configuration: configuration, known: known)
        let at = address.lastIndex(of: "@")
        return policy.verdict(
            on: MailAddress(
                localPart: String(at.map { address[..<$0] } ?? address[...]),
                domain: at.map { String(address[address.index(after: $0)...]) } ?? ""))
    }

    @Test(
        "Known addresses are taken whatever becomes of unknown ones",
        arguments: [
            "anna@example.com", "ANNA@EXAMPLE.COM", "anna+tag@example.com", "anna@old.example", "anna+x@old.example",
            "carl@old.example", "anyone@catch.example", "bob%site@example.com", "postmaster", "PostMaster@example.com",
            "postmaster@old.example", "postmaster@example.fr", "postmaster@mx1.example.com",
        ], ReceiverConfiguration.UnknownRecipients.allCases)
    func known(address: String, unknown: ReceiverConfiguration.UnknownRecipients) throws {
        #expect(try verdict(address, unknown: unknown) == .accept)
    }

    @Test("A roster's address is not one that only looks like it")
    func lookAlike() throws {
        let roster = ["j\u{FC}rgen@example.com"]
        #expect(try verdict("j\u{FC}rgen@example.com", unknown: .reject, roster: roster) == .accept)
        #expect(try verdict("ju\u{308}rgen@example.com", unknown: .reject, roster: roster) == .unknown)
    }

    @Test("Postmaster of nowhere, of a domain and of this host is one recipient")
    func onePostmaster() throws {
        let known = KnownRecipients(layout: try TestSpool().layout)
        let policy = RecipientPolicy(configuration: ReceiverFixture.configuration(), known: known)
        let written = ["postmaster", "postmaster@example.com", "postmaster@mx1.example.com", "a@example.com"]
        let addresses = policy.addresses(
            of: written.map { MailAddress($0) ?? MailAddress(localPart: $0, domain: "") })
        #expect(addresses.map(\.text) == ["postmaster@example.com", "a@example.com"])
    }

    @Test("Two spellings of one character are two recipients, also beside a postmaster that gets its domain")
    func spellings() throws {
        let known = KnownRecipients(layout: try TestSpool().layout)
        let policy = RecipientPolicy(configuration: ReceiverFixture.configuration(), known: known)
        let written = ["j\u{FC}rgen", "ju\u{308}rgen"].map { MailAddress(localPart: $0, domain: "example.com") }
        let addresses = policy.addresses(of: [MailAddress(localPart: "postmaster", domain: "")] + written)
        #expect(
            addresses.map { Array($0.localPart.utf8) }
                == (["postmaster", "j\u{FC}rgen", "ju\u{308}rgen"].map { Array($0.utf8) }))
    }

    @Test(
        "A stranger in our domains is held, put off or refused",
        arguments: [
            (ReceiverConfiguration.UnknownRecipients.hold, RecipientVerdict.accept), (.defer, .deferred),
            (.reject, .unknown),
        ])
    func unknown(policy: ReceiverConfiguration.UnknownRecipients, expected: RecipientVerdict) throws {
        for address in ["nobody@example.com", "carl@example.com", "nobody@old.example", "+anna@example.com"] {
            #expect(try verdict(address, unknown: policy) == expected, "\(address)")
        }
    }

    @Test(
        "Without any roster nobody is bounced",
        arguments: [
            (ReceiverConfiguration.UnknownRecipients.hold, RecipientVerdict.accept), (.defer, .deferred),
            (.reject, .directoryUnavailable),
        ])
    func noRoster(policy: ReceiverConfiguration.UnknownRecipients, expected: RecipientVerdict) throws {
        #expect(try verdict("anna@example.com", unknown: policy, roster: nil) == expected)
        #expect(try verdict("postmaster@example.com", unknown: policy, roster: nil) == .accept)
    }

    @Test(
        "Nothing is relayed",
        arguments: [
            "a@elsewhere.example", "a@sub.example.com", "a@com", "a@example.com.", "postmaster@elsewhere.example",
            "a@[192.0.2.1]",
            "user%elsewhere.example@example.com", "elsewhere.example!user@example.com",
            "\"user@elsewhere.example\"@example.com",
            "\"user%elsewhere.example\"@example.com", "user%elsewhere.example@catch.example", "\"a@b\"@catch.example",
            "anna+x%elsewhere.example@example.com", "user%elsewhere.example@old.example",
        ])
    func relay(address: String) throws {
        #expect(try verdict(address) == .relayDenied)
    }

    @Test("A bare postmaster gets the first domain")
    func barePostmaster() throws {
        let spool = try TestSpool()
        let policy = RecipientPolicy(
            configuration: ReceiverFixture.configuration(), known: KnownRecipients(layout: spool.layout))
        #expect(policy.address(of: MailAddress(localPart: "Postmaster", domain: "")).text == "Postmaster@example.com")
        #expect(policy.address(of: MailAddress(localPart: "a", domain: "example.fr")).text == "a@example.fr")
    }
}
