import Foundation
import GRDB
import MailModel
import Spool

/// Counts those recipients of the spool's messages that a selection means, inside one snapshot.
///
/// The mailbox that the Ledger has decided for a recipient is his, else the one that his address means now: so that a message which
/// the Ledger does not know at all is counted too.
final class SelectedRecipients {
    private let database: Database
    private let selected: SelectedMailboxes
    private let resolver: RecipientResolver
    private var meant: [String: Bool] = [:]

    private static let messagesPerQuery = 500

    init(database: Database, index: RecipientIndex, rules: AddressRules, selected: SelectedMailboxes) {
        self.database = database
        self.selected = selected
        resolver = RecipientResolver(rules: rules, lookUp: index.mailbox(named:))
    }

    /// Costs one query for some hundred messages.
    func count(_ messages: [SpooledMessage]) throws -> Int {
        var count = 0
        for start in stride(from: 0, to: messages.count, by: Self.messagesPerQuery) {
            let some = messages[start..<min(messages.count, start + Self.messagesPerQuery)]
            let decided = try self.decided(some.map(\.id))
            for message in some {
                let homes = decided[message.id]
                for (number, recipient) in message.envelope.recipients.enumerated() {
                    let isMeant = try homes?[number].map(selected.keys.contains) ?? isMeant(recipient.text)
                    count += isMeant ? 1 : 0
                }
            }
        }
        return count
    }

    /// The mailboxes that were decided, by message and place of the recipient.
    private func decided(_ ids: [MessageID]) throws -> [MessageID: [Int: Int64]] {
        let marks = Array(repeating: "?", count: ids.count).joined(separator: ",")
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT m.id, p.delivery & \((1 << LedgerLimits.recipientBits) - 1), p.mailbox FROM message m
                CROSS JOIN placement p ON p.delivery BETWEEN m.seq << \(LedgerLimits.recipientBits)
                AND (m.seq << \(LedgerLimits.recipientBits)) + \((1 << LedgerLimits.recipientBits) - 1)
                WHERE m.id IN (\(marks)) AND p.mailbox IS NOT NULL
                """, arguments: StatementArguments(ids.map(\.blob)))
        var decided: [MessageID: [Int: Int64]] = [:]
        while let row = try rows.next() {
            guard let id = MessageID(blob: try row.at(0)) else { continue }
            decided[id, default: [:]][try row.at(1)] = try row.at(2)
        }
        return decided
    }

    private func isMeant(_ address: String) throws -> Bool {
        let key = address.asciiLowercased
        if let known = meant[key] { return known }
        if meant.count >= LedgerLimits.recipientsRemembered { meant.removeAll() }
        let mailbox = try resolver.mailbox(for: key)
        let isMeant = mailbox.map(selected.keys.contains) ?? selected.domainSuffix.map { key.hasSuffix($0) } ?? false
        meant[key] = isMeant
        return isMeant
    }
}
