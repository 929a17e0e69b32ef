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

    /// What a server with these habits has made of copies that are not what was appended, by their place. Blocks on Ledger and spool.
    static func changes<Place: Hashable>(
        of copies: [ChangedCopy<Place>], mailboxID: String, by known: [StoredForm], ledger: Ledger, reader: SpoolReader
    ) throws -> [Place: String] {
        guard !known.isEmpty, !copies.isEmpty else { return [:] }
        var changes: [Place: String] = [:]
        for message in try ledger.foundMail(mailboxID: mailboxID, ids: Set(copies.map(\.id)).sorted()) {
            guard let forms = try readable(message, reader: reader) else { continue }
            for copy in copies where copy.id == message.id {
                changes[copy.place] = forms.changes(of: copy.digest, appended: copy.appended, by: known)
            }
        }
        return changes
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

/// A copy under our id that is not what was appended, and was read.
struct ChangedCopy<Place: Hashable & Sendable>: Sendable {
    var id: MessageID
    var place: Place
    /// SHA-256 of what was appended, and of what stands there.
    var appended: SHA256Digest
    var digest: SHA256Digest
}
