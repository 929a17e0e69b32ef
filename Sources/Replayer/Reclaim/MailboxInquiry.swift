import IMAPProtocol
import Ledger
import MailModel
import NIOCore
import NIOPosix

/// Asks one account of a target whether copies are still there (Durability G2). Changes nothing.
struct MailboxInquiry {
    let target: ReplayTarget
    let login: String
    let group: any EventLoopGroup

    /// The copies that are not where they were put, nor elsewhere in that folder; where that are alarmingly many, nor in any other.
    /// Throws `ReplayError` where the account cannot be asked.
    func missing(of copies: [PlacedCopy]) async throws -> [PlacedCopy] {
        do {
            let (target, login) = (self.target, self.login)
            let credentials = try await NIOThreadPool.singleton.runIfActive {
                try target.credentials.credentials(for: login)
            }
            let session = try await IMAPSession.connect(
                to: target.endpoint, credentials: credentials, limits: target.sessionLimits, group: group)
            do {
                let missing = try await look(for: copies, in: session)
                await session.logout()
                return missing
            } catch {
                await session.close()
                throw error
            }
        } catch let error as IMAPError {
            throw ReplayError(error)
        } catch let error as IMAPEncodeError {
            throw ReplayError(.refused, "what was to be sent to \(target.name) cannot stand in IMAP: \(error.reason)")
        }
    }

    private func look(for copies: [PlacedCopy], in session: IMAPSession) async throws -> [PlacedCopy] {
        var missing: [PlacedCopy] = []
        for (folder, group) in Dictionary(grouping: copies, by: \.folder).sorted(by: { $0.key < $1.key }) {
            missing += try await look(for: group, inFolder: MailboxName(folder), session)
        }
        guard ReclaimLimits.isAlarming(missing: missing.count, of: copies.count) else { return missing }
        // Users and filters file mail away; a copy in another folder, the trash too, is no loss.
        let known = Set(copies.map(\.folder))
        for folder in try await session.mailboxes().map(\.mailbox)
        where !missing.isEmpty && !known.contains(folder.text) {
            do {
                let place = try await session.open(folder)
                missing = try await search(missing, from: 1, place, session)
            } catch let error as IMAPError where error.code == .refused {
                continue
            }
        }
        return missing
    }

    private func look(for copies: [PlacedCopy], inFolder folder: MailboxName, _ session: IMAPSession) async throws
        -> [PlacedCopy]
    {
        let place: FolderPosition
        do {
            place = try await session.open(folder)
        } catch let error as IMAPError where error.meansNoSuchFolder && folder != .inbox {
            return copies
        }
        let known = copies.filter { $0.uidValidity == place.uidValidity && $0.uid > 0 }
        let traces = try await session.fetchTraces(UIDSet(known.compactMap { UID($0.uid) }))
        let missing = copies.filter { copy in
            guard copy.uidValidity == place.uidValidity, let uid = UID(copy.uid) else { return true }
            return traces[uid]?.id != copy.id
        }
        guard !missing.isEmpty else { return [] }
        // A copy that was moved away and back has a new UID, above its old one; in a folder made anew it may have any.
        let isSame = missing.allSatisfy { $0.uidValidity == place.uidValidity && $0.uid > 0 }
        return try await search(missing, from: isSame ? missing.map(\.uid).min() ?? 1 : 1, place, session)
    }

    /// Looks for copies by their ids among all messages of the open folder.
    private func search(
        _ copies: [PlacedCopy], from first: UInt32, _ place: FolderPosition, _ session: IMAPSession
    ) async throws -> [PlacedCopy] {
        guard let first = UID(first), let last = UID(max(1, place.uidNext) - 1), first <= last else { return copies }
        let found = Set(try await session.fetchTraces(first...last).values.compactMap(\.id))
        return copies.filter { !found.contains($0.id) }
    }
}
