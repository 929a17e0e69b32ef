import Foundation

/// A mailbox copy taken apart: the three lines on top, our `Received:`, and what the sender wrote.
public struct DeliveredMail: Sendable {
    public let returnPath: String
    public let deliveredTo: String
    public let id: String
    /// The whole field, folds included.
    public let received: String
    public let content: [UInt8]

    /// Nil when the lines on top are not the three of Layover, followed by `Received:`.
    public init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard let returnPath = Self.field("Return-Path: ", &rest),
            let deliveredTo = Self.field("Delivered-To: ", &rest),
            let id = Self.field("X-Layover-Id: ", &rest), let received = Self.field("Received: ", &rest)
        else { return nil }
        self.returnPath = returnPath
        self.deliveredTo = deliveredTo
        self.id = id
        self.received = received
        content = Array(rest)
    }

    /// What differs from what was sent.
    func faults(
        against mail: OutgoingMail, expected: [UInt8], mailbox addresses: Set<String>, hostname: String
    ) -> [String] {
        var faults: [String] = []
        if returnPath != "<\(mail.sender)>" { faults.append("Return-Path \(returnPath), not <\(mail.sender)>") }
        let recipient = deliveredTo.trimmingCharacters(in: CharacterSet(charactersIn: "<>"))
        if !addresses.contains(recipient) || !mail.recipients.contains(recipient) {
            faults.append("Delivered-To \(deliveredTo)")
        }
        if !received.contains("by \(hostname) ") || !received.contains("id \(id)") {
            faults.append("Received: \(received)")
        }
        // Whoever else got it, perhaps by Bcc, stays secret.
        if received.contains("for <") != (mail.recipients.count == 1) {
            faults.append("Received: \(received) with \(mail.recipients.count) recipients")
        }
        if content != expected { faults.append(Self.difference(content, expected)) }
        return faults
    }

    private static func difference(_ found: [UInt8], _ expected: [UInt8]) -> String {
        let at =
            zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(found.count, expected.count)
        let near = { (bytes: [UInt8]) in
            String(decoding: bytes.dropFirst(max(0, at - 20)).prefix(60), as: UTF8.self).debugDescription
        }
        return
            "\(found.count) octets, sent \(expected.count); from octet \(at): \(near(found)) instead of \(near(expected))"
    }

    private static func field(_ name: String, _ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.starts(with: name.utf8) else { return nil }
        var end = rest.startIndex
        repeat {
            guard let newline = rest[end...].firstIndex(of: 0x0A) else { return nil }
            end = newline + 1
        } while end < rest.endIndex && (rest[end] == 0x20 || rest[end] == 0x09)
        let text = String(decoding: rest[rest.startIndex..<end].dropFirst(name.utf8.count), as: UTF8.self)
        rest = rest[end...]
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
