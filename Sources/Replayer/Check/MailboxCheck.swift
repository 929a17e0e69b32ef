import IMAPProtocol
import MailModel
import NIOCore
import NIOPosix

/// Logs in to one mailbox once, and compares what it can take with what is to go into it. Changes nothing there.
struct MailboxCheck {
    /// What a login has shown.
    struct Outcome {
        var findings: [CheckReport.Finding] = []
        /// By its own words in the ID command, or what it was recognised as.
        var server = "unnamed"
        var certificateEnds: Int?
        var appendLimit: Int?
    }

    let subject: CheckSubject
    let target: ReplayTarget
    let group: any EventLoopGroup

    /// Throws where there was no login, or the connection broke.
    func run() async throws(CheckFailure) -> Outcome {
        do {
            let (target, login) = (self.target, subject.mailbox.login)
            let credentials = try await NIOThreadPool.singleton.runIfActive {
                try target.credentials.credentials(for: login)
            }
            var limits = target.sessionLimits
            limits.reply = min(limits.reply, .seconds(CheckLimits.replySeconds))
            let session = try await IMAPSession.connect(
                to: target.endpoint, credentials: credentials, limits: limits, group: group)
            do {
                let outcome = try await look(session)
                await session.logout()
                return outcome
            } catch {
                await session.close()
                throw error
            }
        } catch {
            throw CheckFailure(error, target: target.name)
        }
    }

    private func look(_ session: IMAPSession) async throws -> Outcome {
        var outcome = Outcome()
        let words = ["name", "version"].compactMap { session.identification[$0] }
        let kind = Personality(kind: target.kind, session: session).kind
        if !words.isEmpty {
            outcome.server = words.joined(separator: " ")
        } else if kind != .unknown {
            outcome.server = kind.rawValue
        }
        outcome.certificateEnds = session.certificateEnds
        let folder = try MailboxName(subject.mailbox.folder)
        if let problem = try await problem(of: folder, kind, session) {
            outcome.findings.append(problem)
            guard problem.errorClass != "no-mailbox" else { return outcome }
        }
        // Of a folder that is still to be made, INBOX tells as much as can be known.
        let isThere = try await exists(folder, session)
        let place = isThere ? folder : .inbox
        outcome.findings += try await quotaFindings(place, session)
        outcome.appendLimit = try await session.appendLimit(place)
        // Zimbra announces nothing, and its default is below most others': a target of `kind = "auto"` must not pass unlooked at.
        if kind == .zimbra, outcome.appendLimit == nil, target.maximumMessageSize == nil {
            outcome.appendLimit = Personality.zimbraMessageSize
        }
        if let finding = sizeFinding(outcome.appendLimit) { outcome.findings.append(finding) }
        return outcome
    }

    private func finding(_ errorClass: String, _ words: String) -> CheckReport.Finding {
        CheckReport.Finding(
            mailbox: subject.mailbox.address, target: target.name, errorClass: errorClass, words: words)
    }

    // MARK: Folder

    private func exists(_ folder: MailboxName, _ session: IMAPSession) async throws -> Bool {
        do {
            _ = try await session.examine(folder)
            return true
        } catch let error as IMAPError where error.meansNoSuchFolder {
            return false
        }
    }

    /// Why mail cannot be put into the folder: it is not there and cannot be made, or one may not.
    private func problem(
        of folder: MailboxName, _ kind: Personality.Kind, _ session: IMAPSession
    ) async throws -> CheckReport.Finding? {
        if try await exists(folder, session) {
            guard let rights = try await session.rights(folder), !rights.contains("i") else { return nil }
            return finding("no-permission", "the login may not insert into \(folder.text): its rights are \(rights)")
        }
        guard folder != .inbox else { return finding("no-mailbox", "the account has no INBOX: it is not set up yet") }
        // Replay makes it, below the prefix of the user's own folders, if the server lets it.
        return kind.objection(toMaking: folder).map { finding("no-mailbox", $0) }
    }

    // MARK: Room

    private func quotaFindings(_ folder: MailboxName, _ session: IMAPSession) async throws -> [CheckReport.Finding] {
        let octets = UInt64(clamping: subject.heldBytes + subject.held * CheckLimits.usualHeadOctets)
        return try await session.quotas(folder).compactMap { quota in
            switch quota.resource {
            case "STORAGE" where quota.free < octets:
                finding(
                    "over-quota",
                    "\(ByteCount(Int(clamping: octets))) are to go in, \(ByteCount(Int(clamping: quota.free))) of the quota are free"
                )
            case "MESSAGE" where quota.free < UInt64(clamping: subject.held):
                finding("over-quota", "\(subject.held) messages are to go in, the quota has room for \(quota.free)")
            default: nil
            }
        }
    }

    private func sizeFinding(_ announced: Int?) -> CheckReport.Finding? {
        let limits = [announced, target.maximumMessageSize?.bytes].compactMap(\.self)
        guard let limit = limits.min(), subject.largest > 0, subject.largest + CheckLimits.headOctets > limit else {
            return nil
        }
        return finding(
            "too-big",
            "the largest held message has \(ByteCount(subject.largest)) and some lines on top; \(ByteCount(limit)) are taken"
        )
    }
}
