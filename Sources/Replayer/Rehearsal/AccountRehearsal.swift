import IMAPProtocol
import Ledger
import Logging
import MailModel
import NIOCore
import Spool

/// The rehearsal in one account, from its lock to its cleaning up. Reads the spool; changes no delivery.
final class AccountRehearsal {
    private let account: ShadowAccount
    private let sources: [MailboxStatus]
    private let plan: RehearsalPlan
    private let run: MessageID
    /// Folders that real mail goes to in this account.
    private let homes: [String]
    private var result: RehearsalReport.Account
    private var folder: MailboxName?
    /// What is to be cleaned up, once it is journaled.
    private var begun: Rehearsal?
    /// Every APPEND has had its answer.
    private var isOrderly = true

    private var environment: RehearsalEnvironment { account.environment }

    init(account: ShadowAccount, sources: [MailboxStatus], plan: RehearsalPlan, run: MessageID, homes: [String]) {
        self.account = account
        self.sources = sources
        self.plan = plan
        self.run = run
        self.homes = homes
        result = RehearsalReport.Account(
            target: account.target.name, login: account.login, mailboxes: sources.map(\.mailbox.address))
    }

    /// Throws only where the spool's disk, the journal or the Ledger fails.
    func rehearse() async throws -> RehearsalReport.Account {
        guard let lock = try await environment.lock(account.target.name, account.login) else {
            result.problem = "another process works on the mailbox now; try again when it is through"
            return result
        }
        defer { lock.release() }
        do {
            try await copyHeldMail()
        } catch {
            try take(error)
        }
        if let begun {
            do {
                try await account.clean(begun, isOrderly: isOrderly)
            } catch {
                result.isClean = false
                try take(error)
            }
        }
        await account.end()
        return result
    }

    private func take(_ error: any Error) throws {
        guard let problem = ReplayError(ofMailbox: error, target: account.target.name) else { throw error }
        result.isUnreachable = result.problem == nil && problem.code == .unavailable
        result.problem = result.problem ?? "\(problem.code): \(problem)"
    }

    // MARK: There

    private func copyHeldMail() async throws {
        let start = ContinuousClock.now
        var held: [(status: MailboxStatus, messages: [HeldMessage])] = []
        for status in sources {
            let messages = try await messages(of: status)
            if !messages.isEmpty { held.append((status, messages)) }
        }
        guard !held.isEmpty else { return }
        let place = try await prepareFolder(for: held)
        folder = place
        result.setup = ContinuousClock.now - start
        for group in groups(held.flatMap(\.messages), try await account.session().personality) {
            let (run, reader) = (self.run, environment.reader)
            let batch = try await environment.blocking {
                do {
                    return try ShadowMessage.prepare(group, run: run, reader: reader)
                } catch let error as SpoolError {
                    throw ReplayError(.spool, "a held message cannot be read: \(error)")
                }
            }
            // Below what a person allows the target, as a replay; the wait is no part of what is measured.
            if let start = environment.pace.take(
                account.target.name, messages: batch.count, bytes: group.reduce(0) { $0 + $1.length })
            {
                try await Task.sleep(until: start, clock: .continuous)
            }
            let begin = ContinuousClock.now
            try await put(batch, into: place)
            result.copying += ContinuousClock.now - begin
        }
    }

    /// The first held messages in the order of arrival, those of them that the limits have room for.
    private func messages(of status: MailboxStatus) async throws -> [HeldMessage] {
        let (ledger, id, limit) = (environment.ledger, status.mailbox.id, plan.messages)
        let held = try await environment.blocking { try ledger.heldMail(mailboxID: id, limit: limit) }
            .filter { !$0.isAlreadyThere }
        var bytes = 0
        let fitting = held.filter { message in
            guard bytes + message.length <= plan.bytes.bytes else { return false }
            bytes += message.length
            return true
        }
        if fitting.isEmpty, let smallest = held.map(\.length).min() {
            // Or it would stand there as if it had passed.
            result.problem =
                "nothing of \(status.mailbox.address) was tried: of its first \(held.count) held messages the smallest has \(ByteCount(smallest)), and --bytes is \(plan.bytes)"
        }
        return fitting
    }

    /// Looks whether it may, journals what it is about to do, and only then makes the folder.
    private func prepareFolder(for held: [(status: MailboxStatus, messages: [HeldMessage])]) async throws -> MailboxName
    {
        let session = try await account.session().session
        // LIST shows names as the server has them, and so they are journaled, for the cleaning up to find them again.
        var places: [String] = []
        for home in homes { places.append(try await session.place(MailboxName(home)).text) }
        let shadow = try ShadowFolder(
            await session.place(MailboxName(plan.folder)), among: await session.folders(), homes: places,
            canRemoveSingly: session.capabilities.hasUIDPlus)
        let bytes = held.flatMap(\.messages).reduce(0) { $0 + $1.length }
        let room = try await session.quotas(.inbox).filter { $0.resource == "STORAGE" }.map(\.free).min()
        if let room, room < UInt64(clamping: bytes * RehearsalLimits.quotaReserve) {
            throw ReplayError(
                .overQuota,
                "\(ByteCount(Int(clamping: room))) of the quota are free: too little to rehearse with \(ByteCount(bytes)) beside new mail"
            )
        }
        let acts = held.map { status, messages in
            Rehearsal(
                run: run, mailboxID: status.mailbox.id, target: account.target.name, login: account.login,
                folder: shadow.name.text, makesFolder: shadow.isNew, messages: messages.count, why: plan.why)
        }
        try await environment.journal.append(acts.map(JournalAct.rehearsalBegun))
        begun = acts.first
        if shadow.isNew { try await session.create(shadow.name) }
        return shadow.name
    }

    private func groups(_ messages: [HeldMessage], _ personality: Personality) -> [[HeldMessage]] {
        var groups: [[HeldMessage]] = []
        var bytes = 0
        for message in messages {
            if groups.isEmpty || groups[groups.count - 1].count >= personality.batchMessages
                || bytes + message.length > personality.batchBytes
            {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(message)
            bytes += message.length
        }
        return groups
    }

    // MARK: Copies

    private func put(_ batch: [ShadowMessage], into folder: MailboxName) async throws {
        let (session, personality) = try await account.session()
        if personality.needsNoopBetweenBatches { try await session.noop() }
        switch await session.append(batch.map(\.message), to: folder, gate: {}) {
        case .appended(_, let uids):
            count(batch)
            try await compare(batch, uids, in: folder)
        case .appendedWithoutUIDs:
            // Where they are is only known by looking; that they are there is enough for the count.
            count(batch)
            result.different += batch.count
        case .refused(let refusal) where batch.count == 1:
            if case .mailbox(let code) = RefusalMeaning(refusal, isSingle: true) {
                throw ReplayError(code, "\(account.target.name) would refuse the mail: \(refusal.text.words)")
            }
            refuse(batch, refusal.text.words)
        case .refused:
            let middle = batch.count / 2
            try await put(Array(batch[..<middle]), into: folder)
            try await put(Array(batch[middle...]), into: folder)
        case .notAppended(let interruption):
            throw ReplayError(.unavailable, "\(account.target.name) ended the connection: \(interruption.words)")
        case .inDoubt(let interruption):
            isOrderly = false
            throw ReplayError(.unavailable, "\(account.target.name) ended the connection: \(interruption.words)")
        }
    }

    private func count(_ batch: [ShadowMessage]) {
        result.messages += batch.count
        result.bytes += batch.reduce(0) { $0 + $1.message.size }
    }

    private func refuse(_ batch: [ShadowMessage], _ words: String) {
        result.refused += batch.count
        for message in batch where result.refusals.count < RehearsalLimits.refusalsNamed {
            result.refusals.append("\(message.id): \(words)")
        }
    }

    /// Every copy is read back, as a replay does.
    private func compare(_ batch: [ShadowMessage], _ uids: [UID], in folder: MailboxName) async throws {
        let (session, personality) = try await account.session()
        _ = try await session.examine(folder)
        let found = try await session.fetchDigests(uids) { SpoolDigest() }
        if personality.mustLeaveFolder { try await session.unselect() }
        result.different += batch.count
        for (message, uid) in zip(batch, uids) {
            let isExact = found[uid]?.digest == message.digest
            let changes = isExact ? nil : message.changes(in: found[uid], by: personality.forms)
            guard isExact || changes != nil else { continue }
            result.different -= 1
            result.verified += 1
            if let changes { note(changes, in: message) }
        }
    }

    private func note(_ changes: String, in message: ShadowMessage) {
        result.normalised += 1
        if result.changes.count < RehearsalLimits.changesNamed { result.changes.append("\(message.id): \(changes)") }
    }
}
