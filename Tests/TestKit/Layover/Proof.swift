import Foundation

/// What `prove --format json` prints.
public struct Proof: Decodable, Equatable, Sendable {
    public let accepted, delivered, verified, merged, passed, held, failed, dropped, doubtful: Int
    public let handedOff: Int
    public let balanced: Bool

    private enum CodingKeys: String, CodingKey {
        case accepted, delivered, verified, merged, passed, held, failed, dropped, doubtful, balanced
        case handedOff = "handed_off"
    }

    public init(_ result: CommandResult) throws {
        self = try JSONDecoder().decode(Proof.self, from: Data(result.output.utf8))
    }

    /// The arithmetic, done again by someone else.
    public var addsUp: Bool { accepted == delivered + merged + passed + handedOff + held + failed + dropped }
}
