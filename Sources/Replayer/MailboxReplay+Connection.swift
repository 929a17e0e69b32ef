import IMAPProtocol
import Ledger
import Logging
import MailModel

/// The mailbox's one connection, and the folder that is selected on it.
extension MailboxReplay {
    private static let failuresInARow = 5

    /// The open session, or a new one.
    func session() async throws -> (session: IMAPSession, personality: Personality) {
        if let openSession, let openPersonality, openSession.isOpen { return (openSession, openPersonality) }
        await dropSession()
        try environment.logins.check(target.name)
        let session = try await connect()
        environment.logins.succeeded(target.name)
        let personality = Personality(kind: target.kind, session: session)
        openSession = session
        openPersonality = personality
        return (session, personality)
    }

    private func connect() async throws -> IMAPSession {
        let (target, login) = (self.target, mailbox.mailbox.login)
        let credentials = try await environment.blocking { try target.credentials.credentials(for: login) }
        do {
            return try await IMAPSession.connect(
                to: target.endpoint, credentials: credentials, limits: target.sessionLimits, group: environment.group,
                onAlert: tellAlert)
        } catch let error as IMAPError {
            let meaning = ReplayError(error)
            if meaning.code == .unavailable { environment.ceilings.trouble(target.name, "\(error)") }
            if error.code == .connectFailed || meaning.code == .credentials && target.credentials.isShared {
                environment.logins.failed(target.name, meaning)
            }
            throw error
        }
    }

    /// Into the log, verbatim (RFC 3501 §7.1: shown to a person).
    private var tellAlert: @Sendable (String) -> Void {
        let (logger, address, name) = (environment.logger, mailbox.mailbox.address, target.name)
        return { words in
            logger.warning(
                "alert of the server", metadata: ["mailbox": "\(address)", "target": "\(name)", "server": "\(words)"])
        }
    }

    /// Counts a lost connection; throws when there were too many.
    ///
    /// - Parameter isTurnedAway: the server has ended it before the login was through, with a BYE: it is busy, and wants less.
    func connectionLost(_ words: String, isTurnedAway: Bool = false) async throws {
        await dropSession()
        failures += 1
        environment.ceilings.trouble(target.name, words)
        guard failures < Self.failuresInARow, !environment.isStopping.isSet else {
            throw ReplayError(
                .unavailable, "\(target.name): \(failures) connections in a row have failed: \(words)", isOutage: true
            )
        }
        log(.info, "connection lost", ["why": "\(words)", "in_a_row": "\(failures)"])
        let unit = isTurnedAway ? target.pauseWhenTurnedAway : Self.pauseWhenLost
        try await waitUnlessStopping(unit * (1 << failures))
    }

    private static let pauseWhenLost = Duration.milliseconds(100)

    /// Returns early where the replay is to end.
    func waitUnlessStopping(_ time: Duration) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !environment.isStopping.isSet {
            try await Task.sleep(for: min(.milliseconds(200), end - .now))
        }
    }

    /// Something was delivered: what went wrong before is over.
    func connectionWorked() {
        failures = 0
        restarts = 0
        triesAgain = [:]
    }

    func endSession() async {
        await openSession?.logout()
        forgetSession()
    }

    func dropSession() async {
        await openSession?.close()
        forgetSession()
    }

    private func forgetSession() {
        openSession = nil
        openPersonality = nil
        selected = nil
        positions = [:]
    }

    /// The folder's position, asked for where it is not known. The folder is made where it is missing, except INBOX.
    func currentPosition(of folder: MailboxName) async throws -> FolderPosition {
        if let position = positions[folder], openSession?.isOpen == true { return position }
        let found: FolderPosition
        do {
            found = try await examine(folder)
        } catch let error as IMAPError where error.meansNoSuchFolder && folder != .inbox {
            try await make(folder)
            found = try await examine(folder)
        }
        positions[folder] = found
        return found
    }

    /// Makes the folder, once in a run.
    func make(_ folder: MailboxName) async throws {
        guard folder != .inbox, !madeFolders.contains(folder) else {
            throw ReplayError(
                .noMailbox,
                "\(target.name) has no folder \(folder.text) for \(mailbox.mailbox.address): is the account there?")
        }
        madeFolders.insert(folder)
        try await session().session.create(folder)
    }

    /// The target's folder for junk; where the server will not have it, the one for other mail: held mail must not wait for that.
    func junkFolder() async throws -> MailboxName {
        if let junkPlace { return junkPlace }
        var place = folder
        do {
            let wanted = try MailboxName(target.junkFolder)
            _ = try await currentPosition(of: wanted)
            place = wanted
        } catch let error as IMAPError where error.code == .refused && !(error.responseCode?.meansTooMuch ?? false) {
            log(
                .warning, "no junk folder: junk goes with other mail",
                ["folder": "\(target.junkFolder)", "server": "\(error)"])
        }
        junkPlace = place
        return place
    }

    /// Selects a folder read-only and tells where it stands.
    func examine(_ name: MailboxName) async throws -> FolderPosition {
        let session = try await self.session().session
        selected = nil
        let position = try await session.open(name)
        selected = name
        return position
    }
}

extension IMAPError {
    /// The server may mean that there is no such folder. Zimbra names no reason.
    var meansNoSuchFolder: Bool {
        code == .refused && (responseCode == nil || responseCode == .nonExistent || responseCode == .tryCreate)
    }
}

extension IMAPError.Code {
    /// The connection is gone, or cannot be gone on with.
    var meansLostConnection: Bool {
        self == .connectionClosed || self == .bye || self == .timedOut || self == .connectFailed
            || self == .protocolViolation
    }
}

extension ReplayError {
    /// What stops one mailbox; nil for what stops everything: a failure of the spool, the journal or the Ledger.
    init?(ofMailbox error: any Error, target: String) {
        switch error {
        case let error as ReplayError: self = error
        case let error as IMAPError: self.init(error)
        case let error as IMAPEncodeError:
            self.init(.refused, "what was to be sent to \(target) cannot stand in IMAP: \(error.reason)")
        default: return nil
        }
    }

    /// What an IMAP error means for the mailbox.
    init(_ error: IMAPError) {
        switch error.code {
        case .loginRefused: self.init(loginRefused: error)
        case .loginUnavailable, .untrustworthy, .tlsFailed, .startTLSUnavailable:
            self.init(.credentials, "\(error)")
        case .refused where error.responseCode == .overQuota: self.init(.overQuota, "\(error)")
        case .refused where error.responseCode == .nonExistent || error.responseCode == .tryCreate:
            self.init(.noMailbox, "\(error)")
        case .refused where error.responseCode == .noPermission: self.init(.noPermission, "\(error)")
        case .refused: self.init(.refused, "\(error)")
        default: self.init(.unavailable, "\(error)", isOutage: error.code.meansLostConnection)
        }
    }
}
