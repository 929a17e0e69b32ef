import IMAPProtocol
import MailModel
import NIOCore
import NIOPosix
import Replayer
import SystemTLS
import TestKit
import Testing

/// The session against Debian's Dovecot.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable))
struct DovecotSessionTests {
    static func withDovecot(tls: Bool = false, settings: String = "", _ test: (ThrowawayDovecot) async throws -> Void)
        async throws
    {
        let dovecot = try ThrowawayDovecot(tls: tls, settings: settings)
        defer { dovecot.remove() }
        try dovecot.start()
        try await test(dovecot)
    }

    static func connect(_ dovecot: ThrowawayDovecot, user: String = "u@example.test") async throws -> IMAPSession {
        try await IMAPSession.connect(
            to: IMAPEndpoint(host: "127.0.0.1", port: dovecot.port, security: .none),
            credentials: .login(user: "\(user)*migrator", password: "master"),
            group: MultiThreadedEventLoopGroup.singleton)
    }

    static let mails = [
        SampleMail(1), SampleMail(2, body: "8-bit: \u{E9}\r\n", repeated: 2000, parts: 3),
        SampleMail(3, body: "", repeated: 1),
        SampleMail(4, body: String(repeating: "x", count: 998) + "\r\n", repeated: 5000, parts: 7),
        SampleMail(5, body: "no end"),
    ]

    @Test("A batch of every size is appended by one command, verified by digest, and found by its ids")
    func appendAndVerify() async throws {
        try await Self.withDovecot { dovecot in
            let session = try await Self.connect(dovecot)
            #expect(session.identification["name"] == "Dovecot")
            #expect(session.capabilities.hasMultiAppend && session.capabilities.hasLiteralPlus)
            let before = try await session.status(.inbox)
            let outcome = await session.append(Self.mails.map(\.message), to: .inbox) {}
            guard case .appended(let validity, let uids) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(validity == before.uidValidity)
            #expect(uids.first == before.uidNext)
            let opened = try await session.examine(.inbox)
            #expect(opened.messages == 5 && opened.uidValidity == validity)
            let digests = try await session.fetchDigests(uids, digest: { OpenSSLDigest() })
            let traces = try await session.fetchTraces(uids[0]...uids[4])
            for (uid, mail) in zip(uids, Self.mails) {
                #expect(
                    digests[uid]
                        == MailboxDigest(
                            size: mail.bytes.count, octets: mail.bytes.count,
                            digest: OpenSSLDigest.digest(of: mail.bytes), id: mail.id))
                #expect(traces[uid] == MailboxTrace(size: mail.bytes.count, id: mail.id))
            }
            try await session.unselect()
            try await session.noop()
            #expect(try await session.quota(.inbox) == nil)
            await session.logout()
            #expect(!session.isOpen)
        }
    }

    @Test("What the gate refuses is not in the mailbox, and the next batch is")
    func gate() async throws {
        struct DiskFull: Error {}
        try await Self.withDovecot { dovecot in
            let session = try await Self.connect(dovecot)
            let outcome = await session.append([Self.mails[0].message], to: .inbox) { throw DiskFull() }
            guard case .notAppended(let interruption) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(interruption.cause == .intentFailed)
            #expect(!session.isOpen)
            let second = try await Self.connect(dovecot)
            #expect(try await second.status(.inbox).messages == 0)
            await second.close()
        }
    }

    @Test("A mailbox that is missing is refused with TRYCREATE, made, and then takes mail; its name is not ASCII")
    func tryCreate() async throws {
        try await Self.withDovecot { dovecot in
            let session = try await Self.connect(dovecot)
            let mailbox = try MailboxName("Entwürfe & Co/台北")
            guard case .refused(let refusal) = await session.append([Self.mails[3].message], to: mailbox, gate: {})
            else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.text.code == .tryCreate)
            #expect(session.isOpen)
            try await session.create(mailbox)
            try await session.create(mailbox)
            guard case .appended = await session.append([Self.mails[3].message], to: mailbox, gate: {}) else {
                Issue.record("not appended")
                return
            }
            #expect(try await session.mailboxes().contains { $0.mailbox == mailbox })
            await session.close()
        }
    }

    @Test("A wrong password is a refused login with its code")
    func wrongPassword() async throws {
        try await Self.withDovecot { dovecot in
            let error = await #expect(throws: IMAPError.self) {
                try await IMAPSession.connect(
                    to: IMAPEndpoint(host: "127.0.0.1", port: dovecot.port, security: .none),
                    credentials: .plain(authorize: "u", authenticate: "migrator", password: "wrong"),
                    group: MultiThreadedEventLoopGroup.singleton)
            }
            #expect(error?.code == .loginRefused)
            #expect(error?.responseCode == .authenticationFailed)
        }
    }

    @Test("TLS, implicit and by STARTTLS, takes and gives back the same bytes; authzid opens another's mailbox")
    func tls() async throws {
        try await Self.withDovecot(tls: true) { dovecot in
            let context = try TLSClientContext(trust: .file(dovecot.authorityFile))
            let endpoints = [
                IMAPEndpoint(host: "localhost", port: try #require(dovecot.tlsPort), security: .tls(context)),
                IMAPEndpoint(host: "localhost", port: dovecot.port, security: .startTLS(context)),
            ]
            for endpoint in endpoints {
                let session = try await IMAPSession.connect(
                    to: endpoint,
                    credentials: .plain(authorize: "u@example.test", authenticate: "migrator", password: "master"),
                    group: MultiThreadedEventLoopGroup.singleton)
                guard
                    case .appended(_, let uids) = await session.append(Self.mails.map(\.message), to: .inbox, gate: {})
                else {
                    Issue.record("not appended")
                    return
                }
                _ = try await session.examine(.inbox)
                let digests = try await session.fetchDigests(uids, digest: { OpenSSLDigest() })
                #expect(uids.map { digests[$0]?.digest } == Self.mails.map { OpenSSLDigest.digest(of: $0.bytes) })
                await session.logout()
            }
        }
    }

    @Test("No credential goes to a server whose certificate is not trusted")
    func untrusted() async throws {
        try await Self.withDovecot(tls: true) { dovecot in
            let context = try TLSClientContext(trust: .system)
            let error = await #expect(throws: IMAPError.self) {
                try await IMAPSession.connect(
                    to: IMAPEndpoint(host: "localhost", port: dovecot.tlsPort ?? 0, security: .tls(context)),
                    credentials: .login(user: "u", password: "test"), group: MultiThreadedEventLoopGroup.singleton)
            }
            #expect(error?.code == .tlsFailed)
        }
    }

    @Test("After the server was killed and started again, the mailbox is as it was and takes mail")
    func killed() async throws {
        try await Self.withDovecot { dovecot in
            let session = try await Self.connect(dovecot)
            guard case .appended(let validity, _) = await session.append([Self.mails[0].message], to: .inbox, gate: {})
            else {
                Issue.record("not appended")
                return
            }
            let outcome = await session.append([Self.mails[1].message], to: .inbox) { dovecot.kill() }
            switch outcome {
            case .notAppended, .inDoubt: break
            default: Issue.record("\(outcome)")
            }
            try dovecot.start()
            let second = try await Self.connect(dovecot)
            let position = try await second.status(.inbox)
            #expect(position.uidValidity == validity)
            #expect(position.messages == 1)
            await second.close()
        }
    }

    @Test(
        "Nobody listening is an error that says so: where, the system's reason, and what to do",
        arguments: [("127.0.0.1", "127.0.0.1:1"), ("localhost", "localhost:1")])
    func nobody(host: String, place: String) async throws {
        let error = await #expect(throws: IMAPError.self) {
            try await IMAPSession.connect(
                to: IMAPEndpoint(host: host, port: 1, security: .none),
                credentials: .login(user: "u", password: "p"),
                group: MultiThreadedEventLoopGroup.singleton)
        }
        #expect(error?.code == .connectFailed)
        let words = "cannot connect to \(place): Connection refused; is the server up, and are host and port right?"
        #expect(error?.description == words)
    }
}
