import IMAPProtocol
import Ledger
import Logging
import MailModel
import Spool

/// The work on one mailbox, from its lock to its last verified message: one connection, order of arrival kept.
///
/// imap-targets §5: resolve what is in doubt, verify what was not, then batch after batch the intent, the APPEND behind its gate,
/// the journal, the read-back.
final class MailboxReplay {
    let mailbox: MailboxStatus
    let target: ReplayTarget
    let environment: ReplayEnvironment
    /// Empty: everything held. Else only these messages.
    let onlyMessages: Set<MessageID>
    let folder: MailboxName
    private var openSession: IMAPSession?
    private var openPersonality: Personality?
    /// Where the folder stood last: UIDVALIDITY, and a UID that no copy of ours can lie below.
    var position: (uidValidity: UInt32, uidNext: UInt32)?
    /// Connections lost in a row, without a message delivered in between.
    private var failures = 0

    private static let messagesAhead = 400
    private static let failuresInARow = 3

    init(mailbox: MailboxStatus, target: ReplayTarget, environment: ReplayEnvironment, onlyMessages: Set<MessageID>) throws {
        self.mailbox = mailbox
        self.target = target
        self.environment = environment
        self.onlyMessages = onlyMessages
        folder = try MailboxName(mailbox.mailbox.folder)
    }

    var id: String { mailbox.mailbox.id }

    /// Works until nothing is left or the mailbox must wait. Throws only where the spool, journal or Ledger fails.
    func run() async throws -> MailboxOutcome {
        let layout = environment.ledger.layout
        let (name, login) = (target.name, mailbox.mailbox.login)
        guard let lock = try await environment.blocking({
            try SpoolLock.acquire(layout: layout, name: .mailbox(target: name, login: login), wait: false)
        }) else { return .busy }
        defer { lock.release() }
        // What a process before us has journaled must be known before anything is sent.
        try await environment.blocking { [ledger = environment.ledger] in _ = try ledger.catchUp() }
        do {
            let outcome = try await work()
            await openSession?.logout()
            return outcome
        } catch let error as ReplayError {
            await dropSession()
            return .stopped(error)
        } catch let error as IMAPError {
            await dropSession()
            return .stopped(ReplayError(error))
        } catch {
            await dropSession()
            throw error
        }
    }

    private func work() async throws -> MailboxOutcome {
        if let wait = try await resolveOpenIntents() { return .settling(wait) }
        try await verifyLeftovers()
        var after: Int64 = 0
        var prepared: [PreparedBatch] = []
        while true {
            let held = try await heldMail(after: after)
            guard let last = held.last else { break }
            after = last.sequence
            prepared = try await plan(held)
            for batch in prepared {
                if environment.isStopping.isSet { return .settling(.zero) }
                if let wait = try await deliver(batch) { return .settling(wait) }
            }
        }
        return .done
    }

    private func heldMail(after: Int64) async throws -> [HeldMessage] {
        let (ledger, id) = (environment.ledger, self.id)
        return try await environment.blocking {
            try ledger.heldMail(mailboxID: id, after: after, limit: Self.messagesAhead)
        }
    }

    /// Journals messages that the mailbox already has, and groups the others within the server's limits.
    private func plan(_ held: [HeldMessage]) async throws -> [PreparedBatch] {
        let wanted = onlyMessages.isEmpty ? held : held.filter { onlyMessages.contains($0.id) }
        let there = wanted.filter(\.isAlreadyThere)
        if !there.isEmpty {
            try await environment.journal.append(
                there.map { .merged(mailboxID: id, id: $0.id, recipients: [$0.recipient] + $0.merged) })
            environment.progress.add { $0.merged += there.count }
        }
        let waiting = wanted.filter { !$0.isAlreadyThere }
        guard !waiting.isEmpty else { return [] }
        let personality = try await session().personality
        var groups: [[HeldMessage]] = [[]]
        var bytes = 0
        for message in waiting {
            if let last = groups.last, !last.isEmpty,
                last.count >= personality.batchMessages || bytes + message.length > personality.batchBytes
            {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(message)
            bytes += message.length
        }
        let reader = environment.reader
        var batches: [PreparedBatch] = []
        for group in groups {
            batches.append(try await environment.blocking { PreparedBatch.prepare(group, reader: reader) })
        }
        return batches
    }

    // MARK: The connection

    /// The open session, or a new one. After several connections lost in a row the mailbox is given up for now.
    func session() async throws -> (session: IMAPSession, personality: Personality) {
        if let openSession, let openPersonality, openSession.isOpen { return (openSession, openPersonality) }
        let (target, login) = (self.target, mailbox.mailbox.login)
        let credentials = try await environment.blocking { try target.credentials.credentials(for: login) }
        let session = try await IMAPSession.connect(
            to: target.endpoint, credentials: credentials, limits: target.sessionLimits, group: environment.group)
        let personality = Personality(kind: target.kind, session: session)
        openSession = session
        openPersonality = personality
        position = nil
        return (session, personality)
    }

    /// Counts a lost connection; throws when there were too many.
    func connectionLost(_ words: String) async throws {
        await dropSession()
        failures += 1
        guard failures < Self.failuresInARow else {
            throw ReplayError(.unavailable, "\(target.name) ended the connection \(failures) times in a row: \(words)")
        }
        try await Task.sleep(for: .milliseconds(250 * (1 << failures)))
    }

    func connectionWorked() { failures = 0 }

    func dropSession() async {
        await openSession?.close()
        openSession = nil
        openPersonality = nil
        position = nil
    }

    /// The folder's position, asked for where it is not known. The folder is made where it is missing, except INBOX.
    func currentPosition() async throws -> (uidValidity: UInt32, uidNext: UInt32) {
        if let position { return position }
        let found = try await examine(folder)
        position = found
        return found
    }

    /// Selects a folder read-only and tells where it stands.
    func examine(_ folder: MailboxName) async throws -> (uidValidity: UInt32, uidNext: UInt32) {
        let session = try await self.session().session
        do {
            let box = try await session.examine(folder)
            if let next = box.uidNext { return (box.uidValidity.number, next.number) }
            // UIDNEXT is optional in old servers' answers to EXAMINE; STATUS must not be asked of a selected folder.
            if session.capabilities.hasUnselect { try await session.unselect() }
            let status = try await session.status(folder)
            _ = try await session.examine(folder)
            return (status.uidValidity.number, status.uidNext.number)
        } catch let error as IMAPError where error.code == .refused && folder != .inbox && error.responseCode == .nonExistent {
            try await session.create(folder)
            let box = try await session.examine(folder)
            return (box.uidValidity.number, box.uidNext?.number ?? 1)
        }
    }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        var fields = metadata
        fields["mailbox"] = "\(mailbox.mailbox.address)"
        fields["target"] = "\(target.name)"
        environment.logger.log(level: level, message, metadata: fields)
    }
}

extension ReplayError {
    /// What an IMAP error means for the mailbox.
    init(_ error: IMAPError) {
        switch error.code {
        case .loginRefused where error.responseCode == .unavailable || error.responseCode == .inUse:
            self.init(.unavailable, "\(error)")
        case .loginRefused, .loginUnavailable, .untrustworthy, .tlsFailed, .startTLSUnavailable:
            self.init(.credentials, "\(error)")
        case .refused where error.responseCode == .overQuota: self.init(.overQuota, "\(error)")
        case .refused where error.responseCode == .nonExistent || error.responseCode == .tryCreate:
            self.init(.noMailbox, "\(error)")
        case .refused where error.responseCode == .noPermission: self.init(.noPermission, "\(error)")
        case .refused: self.init(.refused, "\(error)")
        default: self.init(.unavailable, "\(error)")
        }
    }
}
