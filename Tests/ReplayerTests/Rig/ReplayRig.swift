import Foundation
import IMAPProtocol
import Ledger
import Logging
import MailModel
import NIOCore
import NIOPosix
import Spool
import Synchronization
import TestKit

@testable import Replayer

/// A spool of its own with journal, Ledger and a real receiver's writer, and the mailboxes of a real server to look into.
final class ReplayRig: Sendable {
    /// A message as it was accepted.
    struct Accepted: Sendable {
        let id: MessageID
        let sender: String
        let recipients: [String]
        let bytes: [UInt8]
        let receivedAt: Timestamp

        /// What its copy for one recipient must be.
        func copy(for recipient: String) -> [UInt8] {
            HeadLines.bytes(sender: sender, recipient: recipient, id: id) + bytes
        }
    }

    let layout: SpoolLayout
    let server: any TargetServer
    let writer: SegmentWriter
    let journal: Journal
    let ledger: Ledger
    private let ids = Mutex(MessageIDGenerator())

    /// - Parameter restored: a spool that was brought back from a backup; else a new one is made.
    init(_ server: any TargetServer, restored: SpoolLayout? = nil, limits: SpoolLimits = SpoolLimits()) throws {
        self.server = server
        layout = restored ?? Self.newLayout()
        try layout.create(POSIXFileSystem())
        writer = try SegmentWriter(layout: layout, limits: limits)
        journal = try Journal(layout: layout, by: "test")
        ledger = try Ledger.open(layout: layout, role: .writer)
    }

    static func newLayout() -> SpoolLayout {
        SpoolLayout(directory: NSTemporaryDirectory() + "/layover-replay-\(UInt64.random(in: 0 ... .max))")
    }

    /// Runs a test with a fresh Dovecot and a fresh spool, and removes both.
    static func run(
        settings: String = "", limits: SpoolLimits = SpoolLimits(), _ test: (ReplayRig) async throws -> Void
    ) async throws {
        let dovecot = try ThrowawayDovecot(settings: settings)
        defer { dovecot.remove() }
        try dovecot.start()
        try await run(dovecot, limits: limits, test)
    }

    static func run(
        _ server: any TargetServer, limits: SpoolLimits = SpoolLimits(), _ test: (ReplayRig) async throws -> Void
    ) async throws {
        let rig = try ReplayRig(server, limits: limits)
        defer { rig.remove() }
        try await test(rig)
    }

    func remove() {
        writer.close()
        journal.close()
        ledger.close()
        try? FileManager.default.removeItem(atPath: layout.directory)
    }

    // MARK: What came in

    @discardableResult
    func accept(
        _ text: String, to recipients: [String], from sender: String = "a@sender.example", isJunk: Bool = false
    ) async throws -> Accepted {
        try await accept(Array(text.utf8), to: recipients, from: sender, isJunk: isJunk)
    }

    @discardableResult
    func accept(
        _ bytes: [UInt8], to recipients: [String], from sender: String = "a@sender.example", isJunk: Bool = false
    ) async throws -> Accepted {
        let id = ids.withLock { $0.next(now: .now()) }
        let receivedAt = Timestamp(milliseconds: Int64(id.milliseconds))
        let body = MessageBody()
        body.append(bytes)
        let envelope = Envelope(
            id: id, receivedAt: receivedAt, sender: ReversePath(text: sender),
            recipients: recipients.compactMap { MailAddress($0) },
            client: "192.0.2.1", helo: "mx.sender.example", transmission: "ESMTP", isJunk: isJunk)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            writer.submit(
                MessageCommit(envelope: envelope, content: .memory(body), digest: SHA256Hasher.digest(bytes)) { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                })
        }
        return Accepted(id: id, sender: sender, recipients: recipients, bytes: bytes, receivedAt: receivedAt)
    }

    static func text(_ number: Int, octets: Int = 200) -> String {
        "Received: from mx.sender.example by test\r\nSubject: message \(number)\r\n\r\n"
            + String(repeating: "0123456789abcdef", count: octets / 16) + "\r\n.a line with a dot\r\n"
    }

    // MARK: Roster and acts

    static func mailbox(
        _ address: String, aliases: [String] = [], target: String = "t", login: String? = nil, folder: String = "INBOX"
    )
        -> RosterMailbox
    {
        RosterMailbox(
            id: "id-" + address, address: address, login: login ?? address, target: target, aliases: aliases,
            folder: folder)
    }

    /// Puts mailboxes into the roster and cuts them over.
    func cutOver(_ mailboxes: [RosterMailbox], at: Timestamp = Timestamp.now().adding(milliseconds: -1000)) async throws
    {
        try await journal.append(
            mailboxes.map(JournalAct.mailboxSet) + [.cutover(mailboxIDs: mailboxes.map(\.id), at: at, why: "")])
    }

    func engine(
        port: Int? = nil, connections: Int = 4, settle: Duration = .seconds(1), reply: Duration = .seconds(300),
        password: String? = nil, recovery: Duration = .seconds(10), pausesInOutage: [Duration] = [],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> ReplayEngine {
        var target = try target(
            port: port, connections: connections, settle: settle, reply: reply, password: password,
            pausesInOutage: pausesInOutage)
        target.recovery = recovery
        return ReplayEngine(
            ledger: ledger, journal: journal, targets: ["t": target], group: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
    }

    func target(
        name: String = "t", port: Int? = nil, connections: Int = 4, settle: Duration = .seconds(1),
        reply: Duration = .seconds(300),
        password: String? = nil, pausesInOutage: [Duration] = []
    ) throws -> ReplayTarget {
        let file = layout.directory + "/password-\(password ?? "right")"
        try Data((password.map { $0 + "\n" } ?? server.passwords).utf8).write(to: URL(filePath: file))
        let method: TargetCredentials.Method =
            switch server {
            case is ThrowawayCyrus: .authzid(user: ThrowawayCyrus.administrator)
            case is ThrowawayCourier: .passwords
            default: .master(user: ThrowawayDovecot.masterUser, separator: "*")
            }
        var target = ReplayTarget(
            name: name, endpoint: IMAPEndpoint(host: "127.0.0.1", port: port ?? server.port, security: .none),
            kind: server is ThrowawayDovecot ? .dovecot : .auto,
            credentials: TargetCredentials(method: method, passwordFile: file),
            connections: connections, settle: settle)
        target.pausesAfterRefusal = []
        target.pausesInOutage = pausesInOutage
        target.limits.reply = .milliseconds(
            reply.components.seconds * 1000 + reply.components.attoseconds / 1_000_000_000_000_000)
        target.limits.continuation = min(target.limits.continuation, target.limits.reply)
        return target
    }

    // MARK: What is in the mailboxes

    func connect(_ user: String) async throws -> IMAPSession {
        try await IMAPSession.connect(
            to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .none),
            credentials: server is ThrowawayCyrus
                ? .plain(
                    authorize: user, authenticate: ThrowawayCyrus.administrator, password: ThrowawayCyrus.password)
                // The same password for all users of the other two.
                : .login(user: user, password: ThrowawayDovecot.userPassword),
            group: MultiThreadedEventLoopGroup.singleton)
    }

    /// The messages of a folder in the order of their UIDs.
    func copies(_ user: String, _ folder: String = "INBOX") async throws -> [MailboxDigest] {
        let session = try await connect(user)
        let next = try await session.open(MailboxName(folder)).uidNext
        var copies: [MailboxDigest] = []
        if next > 1 {
            let uids = (1..<next).compactMap { UID($0) }
            copies = try await session.fetchDigests(uids) { SpoolDigest() }.sorted { $0.key < $1.key }.map(\.value)
        }
        await session.logout()
        return copies
    }

    /// Appends bytes as somebody else, or a replay that was killed, would have.
    func put(_ bytes: [UInt8], into user: String, _ folder: String = "INBOX") async throws {
        let session = try await connect(user)
        let name = try MailboxName(folder)
        if name != .inbox { try await session.create(name) }
        let message = AppendMessage(head: ByteBuffer(bytes: bytes), body: [], date: .now())
        guard case .appended = await session.append([message], to: name, gate: {}) else { throw CancellationError() }
        await session.logout()
    }
}
