import IMAPProtocol
import NIOCore
import NIOPosix
import TestKit
import Testing

@testable import Replayer

/// Which server it is, and what follows for batches.
@Suite(.timeLimit(.minutes(10)))
struct PersonalityTests {
    static let batching = Capabilities(["IMAP4rev1", "MULTIAPPEND"])

    @Test(
        "A server is what it calls itself, else what its greeting or a capability of its own tells, else what `kind` says",
        arguments: [
            ("Zimbra", "", [], ReplayTarget.Kind.auto, Personality.Kind.zimbra),
            ("Zimbra", "", [], .dovecot, .zimbra),
            ("Dovecot", "Dovecot ready.", [], .auto, .dovecot),
            ("Cyrus IMAPD", "localhost Cyrus IMAP 3.6.1 server ready", [], .auto, .cyrus),
            ("", "Courier-IMAP ready. Copyright 1998-2018 Double Precision, Inc.", [], .auto, .courier),
            ("", "", ["ACL2=UNION"], .auto, .courier),
            ("", "", ["ACL2=UNION"], .dovecot, .courier),
            ("", "hello", [], .dovecot, .dovecot), ("", "hello", [], .zimbra, .zimbra),
            ("", "hello", [], .cyrus, .cyrus), ("", "hello", [], .courier, .courier),
            ("", "hello", [], .auto, .unknown), ("Groundhog", "I am not Courier-IMAP", [], .auto, .unknown),
        ] as [(String, String, [String], ReplayTarget.Kind, Personality.Kind)])
    func chosen(
        name: String, greeting: String, capabilities: [String], kind: ReplayTarget.Kind, expected: Personality.Kind
    ) {
        let personality = Personality(
            kind: kind, name: name, greeting: greeting, capabilities: Capabilities(capabilities))
        #expect(personality.kind == expected)
        #expect(personality.batchMessages == 1, "nothing was said of MULTIAPPEND")
    }

    @Test("A server's own longest wait for a lock is waited out, unless the configuration says how long")
    func settle() {
        for (kind, seconds) in [
            (ReplayTarget.Kind.zimbra, 90), (.dovecot, 200), (.cyrus, 200), (.courier, 200), (.auto, 200),
        ] {
            let personality = Personality(kind: kind, name: "", greeting: "", capabilities: Self.batching)
            func target(_ settle: Duration?) -> ReplayTarget {
                ReplayTarget(
                    name: "t", endpoint: IMAPEndpoint(host: "127.0.0.1", port: 1, security: .none), kind: kind,
                    credentials: TargetCredentials(method: .passwords, passwordFile: "/dev/null"), connections: 1,
                    settle: settle)
            }
            #expect(target(nil).settle(of: personality) == .seconds(seconds))
            #expect(target(.seconds(7)).settle(of: personality) == .seconds(7))
            // Before the kind is known, what waits in the kernel must be given up within any of these.
            #expect(target(nil).sessionLimits.unacknowledged == .seconds(45))
        }
    }

    @Test(
        "Batches are as large as one commit of the server is safe: atomic ones large, Zimbra's small, an unknown server's single",
        arguments: [
            (ReplayTarget.Kind.dovecot, true, 100, 16 << 20, false, [StoredForm.linefeedStorage]),
            (.cyrus, true, 50, 8 << 20, false, [.sevenBitHeader]), (.zimbra, false, 10, 4 << 20, true, []),
            (.courier, false, 1, 4 << 20, false, [.carriageReturnsDropped]),
            (.auto, false, 1, 4 << 20, false, StoredForm.allCases),
        ] as [(ReplayTarget.Kind, Bool, Int, Int, Bool, [StoredForm])])
    func batches(
        kind: ReplayTarget.Kind, isAtomic: Bool, messages: Int, bytes: Int, noop: Bool, forms: [StoredForm]
    ) {
        let personality = Personality(kind: kind, name: "", greeting: "", capabilities: Self.batching)
        #expect((personality.isAtomic, personality.needsNoopBetweenBatches) == (isAtomic, noop))
        #expect((personality.batchMessages, personality.batchBytes) == (messages, bytes))
        #expect(personality.forms == forms)
        // A server of which nothing is known may be like Courier.
        #expect(personality.mustLeaveFolder == [.courier, .auto].contains(kind))
    }

    @Test(
        "Real servers are known without being told", .enabled(if: ThrowawayDovecot.isAvailable),
        arguments: [
            (TestServer.sdbox, Personality.Kind.dovecot, 100), (.cyrus, .cyrus, 50), (.courier, .courier, 1),
        ])
    func real(_ server: TestServer, kind: Personality.Kind, messages: Int) async throws {
        guard server == .sdbox || ServerPackages.obstacle == nil else { return }
        try await server.run(users: ["u@example.test"]) { rig in
            let session = try await rig.connect("u@example.test")
            let personality = Personality(kind: .auto, session: session)
            #expect((personality.kind, personality.batchMessages) == (kind, messages))
            await session.logout()
        }
    }

    @Test("What a server said before STARTTLS does not tell what it is")
    func greetingInClear() {
        var machine = IMAPClientStateMachine(
            security: .startTLS, credentials: .login(user: "u", password: "p"))
        var clear = IMAPClientStateMachine(security: .clear, credentials: .login(user: "u", password: "p"))
        let greeting = IMAPResponse.untagged(.condition(.ok, ResponseText(words: "Courier-IMAP ready.")))
        _ = machine.received(greeting)
        _ = clear.received(greeting)
        #expect(machine.greeting.isEmpty)
        #expect(clear.greeting == "Courier-IMAP ready.")
    }

    @Test(
        "Zimbra's folders that cannot be made are known beforehand; of other servers nothing is held against a name",
        arguments: [
            ("INBOX", true), ("Old mail/2024", true), ("Contacts/x", false), ("calendar", false), ("Notebook/a", false),
            ("Contactsx", true), ("bad:name", false), ("a\"b", false), ("a//b", false), ("a/../b", false),
            (String(repeating: "a", count: 255), true), (String(repeating: "a", count: 256), false),
        ])
    func folders(name: String, isMade: Bool) throws {
        let folder = try MailboxName(name)
        #expect((Personality.Kind.zimbra.objection(toMaking: folder) == nil) == isMade)
        #expect(Personality.Kind.dovecot.objection(toMaking: folder) == nil)
    }
}
