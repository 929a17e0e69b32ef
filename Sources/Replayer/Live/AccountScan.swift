import IMAPProtocol
import Ledger
import MailModel
import NIOCore
import NIOPosix

/// Looks through one account, read only, for the copies that it should have.
struct AccountScan {
    private typealias Places = [MessageID: [LiveProof.Place]]

    let target: ReplayTarget
    let login: String
    /// The mailbox's primary address, for what is reported.
    let address: String
    let group: any EventLoopGroup

    /// Throws `ReplayError` where the account cannot be asked. A connection that breaks is tried once more.
    func look(for copies: [LiveCopy]) async throws -> LiveProof {
        do {
            return try await lookOnce(for: copies)
        } catch let error as IMAPError where error.code.meansLostConnection && error.code != .connectFailed {
            return try await translating { try await lookOnce(for: copies) }
        } catch {
            return try await translating { throw error }
        }
    }

    private func translating(_ body: () async throws -> LiveProof) async throws -> LiveProof {
        do {
            return try await body()
        } catch {
            throw ReplayError(ofMailbox: error, target: target.name) ?? ReplayError(.unavailable, "\(error)")
        }
    }

    private func lookOnce(for copies: [LiveCopy]) async throws -> LiveProof {
        let (target, login) = (self.target, self.login)
        let credentials = try await NIOThreadPool.singleton.runIfActive {
            try target.credentials.credentials(for: login)
        }
        let session = try await IMAPSession.connect(
            to: target.endpoint, credentials: credentials, limits: target.sessionLimits, group: group)
        do {
            let proof = try await look(for: copies, in: session)
            await session.logout()
            return proof
        } catch {
            await session.close()
            throw error
        }
    }

    private func look(for copies: [LiveCopy], in session: IMAPSession) async throws -> LiveProof {
        let wanted = Set(copies.map(\.id))
        var proof = LiveProof()
        var places: Places = [:]
        for folder in try await session.mailboxes() where !folder.isView {
            do {
                try await scan(folder.mailbox, for: wanted, in: session, &places)
            } catch let error as IMAPError where error.code == .refused && folder.mailbox != .inbox {
                proof.closedFolders.append("\(address): \(folder.mailbox.text)")
            }
        }
        let odd = copies.filter { !$0.isOnlyIn(places[$0.id] ?? []) && !(places[$0.id] ?? []).isEmpty }
        let digests = try await read(Set(odd.flatMap { places[$0.id] ?? [] }), in: session)
        let isExact = Personality(kind: target.kind, session: session).isExact
        for copy in copies { judge(copy, places[copy.id] ?? [], digests, isExact: isExact, &proof) }
        return proof
    }

    private func scan(
        _ folder: MailboxName, for wanted: Set<MessageID>, in session: IMAPSession, _ places: inout Places
    ) async throws {
        let (box, messages) = try await session.openCounting(folder)
        var look = WholeFolderLook(messages: messages)
        repeat {
            var pages = UIDPages(uidNext: box.uidNext)
            while let range = pages.range() {
                let traces = try await session.fetchTracesAtOnce(range)
                pages.found(traces.count)
                for (uid, trace) in look.new(traces).sorted(by: { $0.key < $1.key }) {
                    guard let id = trace.id, wanted.contains(id) else { continue }
                    places[id, default: []].append(
                        LiveProof.Place(folder: folder.text, uidValidity: box.uidValidity, uid: uid.number))
                }
            }
        } while look.wantsAnother()
    }

    /// What is in these places. A message that was moved while the folders were looked through is in one of them only.
    private func read(_ places: Set<LiveProof.Place>, in session: IMAPSession) async throws
        -> [LiveProof.Place: SHA256Digest]
    {
        var digests: [LiveProof.Place: SHA256Digest] = [:]
        for (folder, group) in Dictionary(grouping: places, by: \.folder).sorted(by: { $0.key < $1.key }) {
            let box = try await session.open(MailboxName(folder))
            let here = group.filter { $0.uidValidity == box.uidValidity }
            let found = try await session.fetchDigests(here.compactMap { UID($0.uid) }.sorted()) { SpoolDigest() }
            for place in here { digests[place] = UID(place.uid).flatMap { found[$0]?.digest } }
        }
        return digests
    }

    /// - Parameter isExact: the server gives back what it was given, so that what differs is no copy of ours: a copy of another
    ///   recipient in a shared folder, or one that somebody changed.
    private func judge(
        _ copy: LiveCopy, _ places: [LiveProof.Place], _ digests: [LiveProof.Place: SHA256Digest], isExact: Bool,
        _ proof: inout LiveProof
    ) {
        guard !copy.isOnlyIn(places) else { return proof.present += 1 }
        var copies = places.filter { digests[$0] == copy.digest }
        if copies.isEmpty, !isExact || copy.isNormalised {
            // A form of the server's own: equal ones are copies of each other.
            let forms = Dictionary(grouping: places.filter { digests[$0] != nil }) { digests[$0] }
            copies = forms.values.max { $0.count < $1.count } ?? []
        }
        if copies.count > 1 {
            proof.doubles.append(LiveProof.Doubled(id: copy.id, mailbox: address, places: copies))
        } else if let place = copies.first {
            if copy.isOnlyIn([place]) { proof.present += 1 } else { proof.moved += 1 }
        } else {
            proof.missing += 1
        }
    }
}

extension LiveCopy {
    /// It is in one place, and that is where it was put.
    fileprivate func isOnlyIn(_ places: [LiveProof.Place]) -> Bool {
        guard places.count == 1, let place = places.first else { return false }
        return place.folder == folder && place.uidValidity == uidValidity && (uid == 0 || place.uid == uid)
    }
}
