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
    /// Where its mail goes.
    let folder: MailboxName
    /// Where junk goes, once it is known.
    var junkPlace: MailboxName?
    var openSession: IMAPSession?
    var openPersonality: Personality?
    /// The folder that the open session has selected.
    var selected: MailboxName?
    /// Where folders stood last: UIDVALIDITY, and a UID that no copy of ours can lie below.
    var positions: [MailboxName: FolderPosition] = [:]
    /// Compared, and to be journaled with the next intent or at the end of the run.
    var compared = ComparedCopies()
    /// Connections lost in a row, and beginnings anew, without a message delivered in between.
    var failures = 0
    var restarts = 0
    /// Messages refused in a row for no reason that a code names, or at which the connection broke each time, with the server's
    /// words: parked once another message is taken, held as they were when it is the mailbox that takes nothing.
    var suspects: [Suspect] = []
    /// Suspects go once more, since the server was seen to be well.
    var hasTrials = false
    /// How often a message was tried again after such a refusal.
    var triesAgain: [MessageID: Int] = [:]
    /// Folders that were missing and have been made by this run.
    var madeFolders: Set<MailboxName> = []

    private static let messagesAhead = 400
    private static let restartsInARow = 5

    init(mailbox: MailboxStatus, target: ReplayTarget, environment: ReplayEnvironment, onlyMessages: Set<MessageID>)
        throws
    {
        self.mailbox = mailbox
        self.target = target
        self.environment = environment
        self.onlyMessages = onlyMessages
        folder = try MailboxName(mailbox.mailbox.folder)
    }

    var id: String { mailbox.mailbox.id }

    /// Works until nothing is left or the mailbox must wait. Throws only where the spool, journal or Ledger fails.
    func run() async throws -> MailboxOutcome {
        guard let lock = try await lock() else { return .busy }
        defer { lock.release() }
        do {
            let outcome = try await work()
            try await recordCompared()
            await endSession()
            return outcome
        } catch {
            await dropSession()
            try await recordCompared()
            guard let problem = ReplayError(ofMailbox: error, target: target.name) else { throw error }
            return .stopped(problem)
        }
    }

    /// The mailbox's lock; nil while another process works on it.
    func lock() async throws -> SpoolLock? {
        let (layout, name) = (
            environment.ledger.layout, LockName.mailbox(target: target.name, login: mailbox.mailbox.login)
        )
        return try await environment.blocking { try SpoolLock.acquire(layout: layout, name: name, wait: false) }
    }

    private func work() async throws -> MailboxOutcome {
        while true {
            // What was journaled before, by us or by another process, must be known before anything is sent.
            try await environment.blocking { [ledger = environment.ledger] in _ = try ledger.catchUp() }
            do {
                guard let outcome = try await turn() else { continue }
                return outcome
            } catch let error as IMAPError where error.code.meansLostConnection {
                let isTurnedAway = error.code == .bye && openSession == nil
                try await connectionLost("\(error)", isTurnedAway: isTurnedAway)
            }
        }
    }

    /// Once through everything there is to do; nil to begin anew.
    private func turn() async throws -> MailboxOutcome? {
        if let outcome = try await outcomeOfChange() { return outcome }
        // First what is open: its copies are its own, not an earlier attempt's.
        if let wait = try await resolveOpenIntents() { return .settling(wait) }
        try await lookLate()
        try await verifyLeftovers()
        var page = heldMail(after: 0)
        defer { page.cancel() }
        while true {
            let held = try await page.value
            guard let last = held.last else {
                try await judgeSuspects()
                guard !hasTrials else {
                    hasTrials = false
                    return nil
                }
                return .done
            }
            // Asked for while these are delivered.
            page = heldMail(after: last.sequence)
            switch try await deliver(try await plan(held)) {
            case .goOn: break
            case .end(let outcome): return outcome
            case .startAnew:
                restarts += 1
                guard restarts < Self.restartsInARow else {
                    throw ReplayError(
                        .refused,
                        "\(target.name) takes the mail of \(mailbox.mailbox.address) and does not show it: look into its log and filters"
                    )
                }
                return nil
            }
        }
    }

    /// What the roster or a person has changed since this mailbox was found due: nil where its mail may still go, and there.
    func outcomeOfChange() async throws -> MailboxOutcome? {
        if environment.isStopping.isSet || environment.ceilings.mustYield(target.name, mailboxID: id) {
            return .settling(.zero)
        }
        let (ledger, id) = (environment.ledger, self.id)
        let found = try await environment.blocking { try ledger.mailboxToReplay(id: id) }
        // Taken back, paused, removed, or not looked into since the spool was brought back: nothing more goes.
        guard let now = found, now.mayReplay(now: environment.clock()) else { return .done }
        let (then, current) = (mailbox.mailbox, now.mailbox)
        // Moved: it is offered again as it is now, and its new place has a lock of its own.
        return (then.target, then.login, then.folder) == (current.target, current.login, current.folder)
            ? nil : .settling(.zero)
    }

    private func heldMail(after: Int64) -> Task<[HeldMessage], any Error> {
        let environment = self.environment
        let id = self.id
        let limit = Self.messagesAhead
        return Task {
            let ledger = environment.ledger
            return try await environment.blocking { try ledger.heldMail(mailboxID: id, after: after, limit: limit) }
        }
    }

    /// Journals messages that the mailbox already has, and groups the others within the server's limits.
    private func plan(_ held: [HeldMessage]) async throws -> [PlannedBatch] {
        suspectFailing(among: Set(held.map(\.id)))
        let suspected = Set(suspects.map(\.id))
        let wanted = held.filter {
            (onlyMessages.isEmpty || onlyMessages.contains($0.id)) && !suspected.contains($0.id)
        }
        let there = wanted.filter(\.isAlreadyThere)
        if !there.isEmpty {
            try await environment.journal.append(
                there.map { .merged(mailboxID: id, id: $0.id, recipients: [$0.recipient] + $0.merged) })
            environment.progress.add { $0.merged += there.reduce(0) { $0 + 1 + $1.merged.count } }
        }
        let waiting = wanted.filter { !$0.isAlreadyThere }
        guard !waiting.isEmpty else { return [] }
        let junk = waiting.filter(\.isJunk)
        let junkPlace = junk.isEmpty ? folder : try await junkFolder()
        let personality = try await session().personality
        // The order of arrival is kept in each folder.
        guard junkPlace != folder else { return groups(waiting, for: folder, personality) }
        return groups(waiting.filter { !$0.isJunk }, for: folder, personality)
            + groups(junk, for: junkPlace, personality)
    }

    private func groups(
        _ waiting: [HeldMessage], for folder: MailboxName, _ personality: Personality
    ) -> [PlannedBatch] {
        var groups: [[HeldMessage]] = []
        var bytes = 0
        var isClosed = true
        for message in waiting {
            let goesAlone = environment.losses.count(id, message.id) >= LostConnections.goesAlone
            if isClosed || goesAlone || groups[groups.count - 1].count >= personality.batchMessages
                || bytes + message.length > personality.batchBytes
            {
                groups.append([])
                bytes = 0
            }
            groups[groups.count - 1].append(message)
            bytes += message.length
            isClosed = goesAlone
        }
        return groups.map { PlannedBatch(folder: folder, messages: $0) }
    }

    /// Reads and delivers group after group. At most two are in memory: one that is being sent, and the next, which is being read.
    private func deliver(_ groups: [PlannedBatch]) async throws -> AfterBatch {
        var next: Task<PreparedBatch, any Error>? = groups.first.map(read)
        defer { next?.cancel() }
        for index in groups.indices {
            guard let batch = try await next?.value else { break }
            next = nil
            if let outcome = try await keepPace(batch) { return .end(outcome) }
            if groups.indices.contains(index + 1) { next = read(groups[index + 1]) }
            let after = try await deliver(batch)
            guard case .goOn = after else { return after }
        }
        return .goOn
    }

    private func read(_ group: PlannedBatch) -> Task<PreparedBatch, any Error> {
        let environment = self.environment
        return Task { try await environment.blocking { try PreparedBatch.prepare(group, reader: environment.reader) } }
    }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        var fields = metadata
        fields["mailbox"] = "\(mailbox.mailbox.address)"
        fields["target"] = "\(target.name)"
        environment.logger.log(level: level, message, metadata: fields)
    }
}

/// What follows upon a batch.
enum AfterBatch {
    case goOn
    /// Messages were taken back, or must be grouped otherwise: begin with the first that is held, so that the order of arrival is kept.
    case startAnew
    case end(MailboxOutcome)
}

/// A message that could not be appended, for which the mailbox or the server may be to blame as well.
struct Suspect {
    var id: MessageID
    /// As it would be parked.
    var errorClass: String
    var words: String

    static let breaksConnection = "breaks-connection"
    static let serverBug = "server-bug"

    /// It is parked only where the server is well otherwise.
    var isServersFailure: Bool { errorClass == Self.breaksConnection || errorClass == Self.serverBug }
}

/// Messages that go into one folder together.
struct PlannedBatch: Sendable {
    var folder: MailboxName
    var messages: [HeldMessage]
}

/// Where a folder stands.
typealias FolderPosition = (uidValidity: UInt32, uidNext: UInt32)
