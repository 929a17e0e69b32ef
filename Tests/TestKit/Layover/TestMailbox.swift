/// One mailbox of a test's roster.
public struct TestMailbox: Sendable {
    public let address: String
    public let aliases: [String]
    public let wave: String

    init(number: Int, aliases count: Int) {
        address = "u\(number)@\(Migration.domain)"
        aliases = (0..<count).map { "a\(number).\($0)@\(Migration.domain)" }
        wave = number.isMultiple(of: 2) ? "first" : "second"
    }

    public var addresses: [String] { [address] + aliases }
    public var addressSet: Set<String> { Set(addresses) }
}
