import Foundation
import Ledger
import MailModel
import Spool

/// One line of `manifest.jsonl`: everything that is known of a message beside its bytes.
struct ExportManifestLine: Decodable, Hashable {
    /// What became of the message for one recipient.
    struct Recipient: Decodable, Hashable {
        var address: String
        var state: String
        var doubtful: Bool
        var mailbox: String?
        var uid: UInt32?
        var uidvalidity: UInt32?
        var deliveredAt: String?
        var verifiedAt: String?
        var lastError: String?
    }

    var id: String
    /// RFC 3339, UTC, to the millisecond.
    var receivedAt: String
    /// Empty for the null sender.
    var sender: String
    /// Every recipient of the message, in the order of the envelope, also those that the filter did not ask for.
    var recipients: [Recipient]
    var client: String
    var helo: String
    var with: String
    var tls: String?
    /// BODY=8BITMIME was given.
    var eightBit: Bool
    var smtputf8: Bool
    var normalizedNewlines: Int
    /// A gateway whose word counts has called it junk. Missing in exports of older versions.
    var junk: Bool?
    /// When it was taken over from another spool; null for one that came by SMTP.
    var importedAt: String?
    /// Octets as stored.
    var size: Int
    /// Of the octets as stored.
    var sha256: String
    /// The recipient that this copy is for; null in an export of eml files, where a file is the message itself.
    var deliveredTo: String?
    /// Relative to the manifest.
    var file: String
}

extension ExportManifestLine {
    init(_ message: ExportedMessage, recipient: String?, file: String) {
        let envelope = message.stored.envelope
        id = envelope.id.description
        receivedAt = envelope.receivedAt.rfc3339
        sender = envelope.sender.text
        recipients = zip(envelope.recipients, message.outcome.deliveries).map { Recipient($0.text, $1) }
        client = envelope.client
        helo = envelope.helo
        with = envelope.transmission
        tls = envelope.tls
        eightBit = envelope.is8BitMIME
        smtputf8 = envelope.isSMTPUTF8
        normalizedNewlines = envelope.normalizedNewlines
        junk = envelope.isJunk
        importedAt = envelope.importedAt?.rfc3339
        size = message.stored.length
        sha256 = message.stored.digest.hex
        deliveredTo = recipient
        self.file = file
    }

    /// The line with its LF.
    var text: String {
        JSONText.object([
            ("id", JSONText.string(id)), ("received_at", JSONText.string(receivedAt)),
            ("sender", JSONText.string(sender)),
            ("recipients", "[" + recipients.map(\.text).joined(separator: ",") + "]"),
            ("client", JSONText.string(client)), ("helo", JSONText.string(helo)), ("with", JSONText.string(with)),
            ("tls", JSONText.string(tls)), ("eight_bit", eightBit ? "true" : "false"),
            ("smtputf8", smtputf8 ? "true" : "false"), ("normalized_newlines", String(normalizedNewlines)),
            ("junk", junk == true ? "true" : "false"),
            ("imported_at", JSONText.string(importedAt)), ("size", String(size)), ("sha256", JSONText.string(sha256)),
            ("delivered_to", JSONText.string(deliveredTo)), ("file", JSONText.string(file)),
        ]) + "\n"
    }

    /// Reads what `text` has written.
    static func decode(_ line: [UInt8]) throws -> ExportManifestLine {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(ExportManifestLine.self, from: Data(line))
    }
}

extension ExportManifestLine.Recipient {
    init(_ address: String, _ delivery: MessageOutcome.Delivery) {
        self.address = address
        state = delivery.state.word
        doubtful = delivery.isDoubtful
        mailbox = delivery.mailbox
        uid = delivery.uid
        uidvalidity = delivery.uidValidity
        deliveredAt = delivery.deliveredAt?.rfc3339
        verifiedAt = delivery.verifiedAt?.rfc3339
        lastError = delivery.lastError
    }

    fileprivate var text: String {
        JSONText.object([
            ("address", JSONText.string(address)), ("state", JSONText.string(state)),
            ("doubtful", doubtful ? "true" : "false"), ("mailbox", JSONText.string(mailbox)),
            ("uid", JSONText.number(uid.map(Int64.init))),
            ("uidvalidity", JSONText.number(uidvalidity.map(Int64.init))),
            ("delivered_at", JSONText.string(deliveredAt)), ("verified_at", JSONText.string(verifiedAt)),
            ("last_error", JSONText.string(lastError)),
        ])
    }
}
