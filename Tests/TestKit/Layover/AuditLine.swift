import Foundation

/// One line of `audit --format json`, with the names that are promised.
public struct AuditLine: Decodable, Sendable {
    public let id: String
    public let recipient: String
    public let mailbox: String?
    public let state: String
    public let sender: String
    public let subject: String?
    public let messageID: String?
    public let size: Int
    public let receivedAt: String
    public let client: String
    public let helo: String
    public let tls: String?
    public let sha256: String
    public let attempts: Int
    public let lastError: String?
    public let uid: Int?
    public let uidvalidity: Int?
    public let deliveredAt: String?
    public let verifiedAt: String?

    private enum CodingKeys: String, CodingKey {
        case id, recipient, mailbox, state, sender, subject, size, client, helo, tls, sha256, attempts, uid, uidvalidity
        case messageID = "message_id"
        case receivedAt = "received_at"
        case lastError = "last_error"
        case deliveredAt = "delivered_at"
        case verifiedAt = "verified_at"
    }

    public static func lines(of result: CommandResult) throws -> [AuditLine] {
        try result.outputLines.map { try JSONDecoder().decode(AuditLine.self, from: Data($0.utf8)) }
    }
}
