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
    /// Whose copies are looked for.
    let mailbox: RosterMailbox
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
                proof.closedFolders.append("\(mailbox.address): \(folder.mailbox.text)")
            }
        }
        let odd = copies.filter { copy in
            let found = places[copy.id] ?? []
            return !found.isEmpty && (copy.isOpen || !copy.isOnlyIn(found))
        }
        let digests = try await read(Set(odd.flatMap { places[$0.id] ?? [] }), in: session)
        let isExact = Personality(kind: target.kind, session: session).isExact
        let sightings = copies.map { Sighting(of: $0, at: places[$0.id] ?? [], digests, isExact: isExact) }
        for sighting in sightings { proof.add(sighting, mailbox) }
        proof.settle(sightings, mailbox)
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
}
