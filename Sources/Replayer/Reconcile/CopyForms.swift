import IMAPProtocol
import Ledger
import MailModel
import Spool

/// What would have been appended for each recipient of a message: by it a copy is known, to the octet, for whose it is.
struct CopyForms: Sendable {
    struct Form: Sendable {
        var recipient: String
        var head: [UInt8]
        var length: Int
        var digest: SHA256Digest
    }

    /// For the recipients that mean the mailbox.
    private(set) var own: [Form] = []
    /// For the message's other recipients: a copy of theirs that somebody has put here is not this mailbox's.
    private var foreign: [Form] = []
    private let stored: [UInt8]

    /// Reads the stored bytes and digests them with each recipient's head lines. Blocks on the disk. Throws where they are damaged.
    init(_ message: FoundMessage, reader: SpoolReader) throws {
        let stored = try reader.bytes(of: message.location)
        let hasher = SHA256Hasher()
        func form(_ recipient: String) -> Form {
            let head = HeadLines.bytes(sender: message.sender, recipient: recipient, id: message.id)
            head.withUnsafeBytes { hasher.update($0) }
            stored.withUnsafeBytes { hasher.update($0) }
            return Form(
                recipient: recipient, head: head, length: head.count + stored.count, digest: hasher.finish())
        }
        self.stored = stored
        own = (message.open + message.verified).map(form)
        foreign = message.others.map(form)
    }

    /// Nil where the stored bytes are damaged, or gone.
    static func readable(_ message: FoundMessage, reader: SpoolReader) throws -> CopyForms? {
        do {
            return try CopyForms(message, reader: reader)
        } catch let error as SpoolError where error.code == .damaged || error.code == .missing {
            return nil
        }
    }

    /// The form that a copy has, exactly or after a change that one of these servers is known for.
    func match(_ copy: MailboxDigest?, changedBy forms: [StoredForm]) -> CopyMatch? {
        guard let copy else { return nil }
        if let form = own.first(where: { $0.digest == copy.digest }) { return CopyMatch(form: form, changes: nil) }
        for form in own {
            guard let changes = changes(of: copy.digest, from: form, by: forms) else { continue }
            return CopyMatch(form: form, changes: changes)
        }
        return nil
    }

    /// Those of these places that hold a copy, in their order.
    func matches(_ uids: [UID], _ digests: [UID: MailboxDigest], changedBy forms: [StoredForm]) -> [(
        uid: UID, match: CopyMatch
    )] {
        uids.compactMap { uid in match(digests[uid], changedBy: forms).map { (uid: uid, match: $0) } }
    }

    /// What a server of these has changed, if what was appended with `appended` has become a copy with `digest`.
    func changes(of digest: SHA256Digest, appended: SHA256Digest, by forms: [StoredForm]) -> String? {
        own.first { $0.digest == appended }.flatMap { changes(of: digest, from: $0, by: forms) }
    }

    private func changes(of digest: SHA256Digest, from form: Form, by forms: [StoredForm]) -> String? {
        forms.changes(of: digest, from: form.head + stored)
    }

    func isForeign(_ copy: MailboxDigest?) -> Bool { foreign.contains { $0.digest == copy?.digest } }
}

/// A copy that is what was appended for a recipient.
struct CopyMatch: Sendable {
    var form: CopyForms.Form
    /// What the server has changed, in words; nil where the copy is exact.
    var changes: String?
}
