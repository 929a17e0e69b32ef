import IMAPProtocol
import Ledger
import MailModel
import NIOCore
import NIOPosix
import Spool

/// Looks through one account, read only, for the copies that it should have.
struct AccountScan {
    private typealias Places = [MessageID: [LiveProof.Place]]

    let target: ReplayTarget
    let login: String
    /// Whose copies are looked for.
    let mailbox: RosterMailbox
    let ledger: Ledger
    let group: any EventLoopGroup

    /// Throws `ReplayError` where the account cannot be asked. A connection that breaks, or is turned away, is tried again.
    func look(for copies: [LiveCopy]) async throws -> LiveProof {
        for pause in Self.pauses {
            do {
                return try await lookOnce(for: copies)
            } catch let error as IMAPError where error.code.meansLostConnection && error.code != .connectFailed {
                try await Task.sleep(for: pause)
            } catch {
                return try await translating { throw error }
            }
        }
        return try await translating { try await lookOnce(for: copies) }
    }

    /// Before each further try: a server that is busy wants less, not more.
    private static let pauses: [Duration] = [.milliseconds(100), .seconds(1), .seconds(3)]

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
        var ends: [MailboxName: FolderPosition] = [:]
        for folder in try await session.mailboxes() where !folder.isView {
            let name = "\(mailbox.address): \(folder.mailbox.text)"
            do {
                let (end, isIncomplete) = try await scan(folder.mailbox, for: wanted, in: session, &places)
                ends[folder.mailbox] = end
                if isIncomplete { proof.untoldFolders.append(name) }
            } catch let error as IMAPError where error.code == .refused && folder.mailbox != .inbox {
                proof.closedFolders.append(name)
            }
        }
        let odd = copies.filter { copy in
            let found = places[copy.id] ?? []
            return !found.isEmpty && (copy.isOpen || !copy.isOnlyIn(found))
        }
        let digests = try await read(Set(odd.flatMap { places[$0.id] ?? [] }), in: session)
        let personality = Personality(kind: target.kind, session: session)
        let changes = try await changes(odd, places, digests, by: personality.forms)
        let sightings = copies.map {
            Sighting(of: $0, at: places[$0.id] ?? [], digests, changes, isExact: personality.isExact)
        }
        for sighting in sightings { proof.add(sighting, mailbox) }
        let isWhole = proof.closedFolders.isEmpty && proof.untoldFolders.isEmpty
        if isWhole, ReclaimLimits.isAlarming(missing: proof.missing, of: copies.count) {
            proof.emptiedMailboxes.append(mailbox.address)
        }
        proof.settle(compared: sightings, mailbox)
        if isWhole, sightings.contains(where: \.wantsWholeLook), try await isStill(ends, session) {
            proof.settle(wholeLook: sightings, mailbox)
        }
        return proof
    }

    /// Nothing has come into any of these folders since: a message that was moved from a folder that was still to be looked through
    /// into one that was through was not seen.
    private func isStill(_ ends: [MailboxName: FolderPosition], _ session: IMAPSession) async throws -> Bool {
        for (folder, end) in ends.sorted(by: { $0.key.text < $1.key.text }) {
            guard try await session.open(folder) == end else { return false }
        }
        return true
    }

    /// Looks through a folder; tells where it stood, and whether the server has not told of all its messages.
    private func scan(
        _ folder: MailboxName, for wanted: Set<MessageID>, in session: IMAPSession, _ places: inout Places
    ) async throws -> (end: FolderPosition, isIncomplete: Bool) {
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
        return (box, look.isIncomplete)
    }

    /// What the server has changed in copies that are not what was appended, in the ways that it is known for. Reads the spool.
    private func changes(
        _ copies: [LiveCopy], _ places: Places, _ digests: [LiveProof.Place: SHA256Digest], by known: [StoredForm]
    ) async throws -> [LiveProof.Place: String] {
        let changed = copies.flatMap { copy in
            (places[copy.id] ?? []).compactMap { place in
                digests[place].flatMap { digest in
                    digest == copy.digest
                        ? nil : ChangedCopy(id: copy.id, place: place, appended: copy.digest, digest: digest)
                }
            }
        }
        let (ledger, mailboxID) = (self.ledger, mailbox.id)
        return try await NIOThreadPool.singleton.runIfActive {
            try CopyForms.changes(
                of: changed, mailboxID: mailboxID, by: known, ledger: ledger,
                reader: SpoolReader(layout: ledger.layout))
        }
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
