import Foundation
import IMAPProtocol
import Ledger
import MailModel
import Spool
import TestKit
import Testing

@testable import Replayer

extension ReplayRig {
    /// Every message is in the mailbox once, whole, in the order of arrival, and nothing else is.
    func expectExactlyOnce(
        _ messages: [Accepted], in user: String, ordered: Bool = true, login: String? = nil, folder: String = "INBOX",
        _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await copies(login ?? user, folder)
        let expected = messages.map { SHA256Hasher.digest($0.copy(for: user)).hex }
        let given = found.map(\.digest.hex)
        if ordered {
            #expect(
                given == expected, "\(user) \(what): \(found.compactMap { $0.id?.description })",
                sourceLocation: sourceLocation)
        } else {
            #expect(given.sorted() == expected.sorted(), "\(user) \(what)", sourceLocation: sourceLocation)
        }
    }

    /// The proof balances over everything that was accepted, and says these numbers.
    func expectProof(
        verified: Int, merged: Int = 0, held: Int = 0, failed: Int = 0, doubtful: Int = 0, delivered: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let proof = try ledger.prove()
        #expect(proof.isBalanced, sourceLocation: sourceLocation)
        let found = [
            proof.counts.verified, proof.counts.delivered, proof.counts.merged, proof.counts.held, proof.counts.failed,
            proof.counts.doubtful,
        ]
        #expect(
            found == [verified, delivered ?? verified, merged, held, failed, doubtful],
            "verified, delivered, merged, held, failed, doubtful", sourceLocation: sourceLocation)
    }
}

extension ReplayRig {
    /// The server, where it is a Dovecot, as it is unless a test asks for another.
    var dovecot: ThrowawayDovecot {
        guard let dovecot = server as? ThrowawayDovecot else { preconditionFailure("this test's server is no Dovecot") }
        return dovecot
    }

    /// The batch of the one open intent.
    func openBatch() throws -> MessageID? {
        try ledger.catchUp()
        for status in try ledger.mailboxes() {
            if let open = try ledger.openIntents(mailboxID: status.mailbox.id).first { return open.intent.batch }
        }
        return nil
    }

    func validity(_ user: String) async throws -> UInt32 {
        let session = try await connect(user)
        let box = try await session.examine(.inbox)
        await session.logout()
        return box.uidValidity.number
    }
}

extension ReplayRig {
    /// A copy of segments and journal, as a backup has them.
    func backUp() throws -> SpoolLayout {
        let copy = Self.newLayout()
        let files = FileManager.default
        try files.createDirectory(atPath: copy.directory, withIntermediateDirectories: true)
        for (from, to) in [(layout.segments, copy.segments), (layout.journal, copy.journal)] {
            try files.copyItem(atPath: from, toPath: to)
        }
        return copy
    }
}
