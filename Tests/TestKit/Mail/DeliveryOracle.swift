import Foundation
import Synchronization

/// Keeps account of what was sent and what was acknowledged, and says what is wrong with a mailbox.
///
/// It knows nothing of Layover but the lines that Layover puts on top of a message.
public final class DeliveryOracle: Sendable {
    private struct State {
        /// By message id: what the server said 250 to.
        var acknowledged: [String: OutgoingMail] = [:]
        /// By octets: every mail whose DATA was begun, acknowledged or not.
        var attempted: [[UInt8]: OutgoingMail] = [:]
        /// Ids that the server gave to two mails.
        var repeated: [String] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Must be called before the mail is sent: the server may take it and die before it says so.
    public func willSend(_ mail: OutgoingMail) { state.withLock { $0.attempted[mail.expected] = mail } }

    public func didAcknowledge(_ mail: OutgoingMail, id: String) {
        state.withLock { state in
            if state.acknowledged.updateValue(mail, forKey: id) != nil { state.repeated.append(id) }
        }
    }

    public var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }

    public var acknowledged: [String: OutgoingMail] { state.withLock { $0.acknowledged } }

    /// The ids whose mail belongs into a mailbox with these addresses.
    public func ids(for addresses: Set<String>) -> Set<String> {
        state.withLock { state in
            Set(state.acknowledged.filter { $0.value.recipients.contains { addresses.contains($0) } }.keys)
        }
    }

    /// What is wrong with the copies in a mailbox; empty when every acknowledged mail is there once, and to the octet.
    ///
    /// A mail that was sent but not acknowledged may be there, once: its sender tries again, and no server can tell (RFC 1047).
    ///
    /// - Parameter stored: what the server makes of a content, where it changes any.
    public func faults(
        in copies: [MailboxCopy], mailbox addresses: Set<String>, hostname: String,
        stored: ([UInt8]) -> [UInt8] = { $0 }
    ) -> [String] {
        let (acknowledged, attempted, repeated) = state.withLock { ($0.acknowledged, $0.attempted, $0.repeated) }
        var faults = repeated.map { "id \($0) was given twice" }
        var seen: Set<String> = []
        for copy in copies {
            guard let delivered = DeliveredMail(copy.bytes) else {
                faults.append(
                    "uid \(copy.uid): not a mail that Layover has put here: \(String(decoding: copy.bytes.prefix(200), as: UTF8.self))"
                )
                continue
            }
            if !seen.insert(delivered.id).inserted { faults.append("\(delivered.id) is there twice") }
            guard
                let mail = acknowledged[delivered.id] ?? attempted[delivered.content]
                    ?? attempted.values.first(where: { stored($0.expected) == delivered.content })
            else {
                faults.append("\(delivered.id) was never sent")
                continue
            }
            faults += delivered.faults(
                against: mail, expected: stored(mail.expected), mailbox: addresses, hostname: hostname
            ).map {
                "\(delivered.id) (\(mail.name)): \($0)"
            }
        }
        let missing = ids(for: addresses).subtracting(seen)
        return faults + missing.sorted().map { "\($0) (\(acknowledged[$0]?.name ?? "?")) is missing" }
    }
}
