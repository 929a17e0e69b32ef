import IMAPProtocol
import MailModel
import NIOCore
import NIOPosix
import Synchronization
import SystemTLS
import Testing

@testable import Replayer

/// Servers, and people on the way to them, that mean harm: each costs one connection, a bounded piece of memory, and no more.
///
/// What a single response can do is tested with the decoder and the two machines (IMAPProtocolTests); here the whole session is under it.
@Suite(.timeLimit(.minutes(10)))
struct HostileServerTests {
    /// A session whose answers must come soon.
    private static var limits: IMAPSessionLimits {
        var limits = IMAPSessionLimits()
        (limits.reply, limits.continuation) = (.seconds(2), .milliseconds(300))
        limits.responsesPerCommand = 200
        return limits
    }

    @Test(
        "What is said around STARTTLS is not believed, and no password follows it",
        arguments: [
            // Injected behind the OK, to be taken for an answer inside TLS.
            ("raw L2 OK go\\r\\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\nL3 OK\\r\\n", IMAPError.Code.untrustworthy),
            ("raw L2 OK go\\r\\n*", .untrustworthy),
            // A moment later it is garbage to TLS.
            ("S: L2 OK go\nC: \u{16}\nS: * CAPABILITY IMAP4rev1 AUTH=PLAIN", .tlsFailed),
            ("S: L2 NO not today", .startTLSUnavailable), ("S: L2 BAD what", .startTLSUnavailable),
            ("S: L3 OK go", .protocolViolation), ("S: + go", .protocolViolation), ("S: * BYE busy", .bye),
            ("S: * PREAUTH welcome", .protocolViolation),
        ])
    func aroundSTARTTLS(script: String, code: IMAPError.Code) async throws {
        let server = try await ScriptedIMAPServer(
            "S: * OK ready\nC: L1\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: L1 OK\nC: STARTTLS\n" + script)
        let context = try TLSClientContext(trust: .system)
        let error = await #expect(throws: IMAPError.self) {
            try await IMAPSession.connect(
                to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .startTLS(context)),
                credentials: .login(user: "u", password: "geheim"), limits: Self.limits,
                group: MultiThreadedEventLoopGroup.singleton)
        }
        #expect(error?.code == code)
        #expect(!server.transcript.contains("geheim") && !server.transcript.contains("LOGIN"))
        await server.close()
    }

    @Test("A server that hides STARTTLS gets no password")
    func stripped() async throws {
        let server = try await ScriptedIMAPServer("S: * OK\nC: L1\nS: * CAPABILITY IMAP4rev1 AUTH=PLAIN\nS: L1 OK")
        let context = try TLSClientContext(trust: .system)
        let error = await #expect(throws: IMAPError.self) {
            try await IMAPSession.connect(
                to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .startTLS(context)),
                credentials: .login(user: "u", password: "geheim"), group: MultiThreadedEventLoopGroup.singleton)
        }
        #expect(error?.code == .startTLSUnavailable)
        #expect(!server.transcript.contains("geheim"))
        await server.close()
    }

    @Test(
        "An answer to EXAMINE that no server gives ends the connection, soon and with an error",
        arguments: [
            "raw " + String(repeating: "x", count: 70_000),
            "raw * OK [" + String(repeating: "A", count: 70_000) + "] x\\r\\n",
            "S: L9 OK done", "S: + go on", "S: L4 OK done\nS: L4 OK done", "S: L4 MAYBE",
            "raw * 1 FETCH (BODY[] {4294967295}\\r\\n", "raw * LIST () \"/\" {99999999999999999999}\\r\\n",
            "raw * 1 FETCH (" + String(repeating: "(", count: 100) + "\\r\\n",
            String(repeating: "S: * 1 EXISTS\n", count: 300), "S: * OK [UIDVALIDITY 0] x\nS: L4 OK", "S: L4 OK",
            "S: * OK [UIDVALIDITY 99999999999] x\nS: L4 OK", "raw * OK \u{0}\\r\\n", "S: * BYE no\neof", "eof",
            "S: * PREAUTH hello\nS: L4 OK", "C: nothing more comes",
        ])
    func examine(script: String) async throws {
        let server = try await ScriptedIMAPServer(ScriptedIMAPServer.login("UIDPLUS") + "C: EXAMINE\n" + script)
        let session = try await IMAPSessionTests.connect(server, Self.limits)
        await #expect(throws: IMAPError.self) {
            _ = try await session.examine(.inbox)
            // A second answer to the same tag is an answer to nothing.
            _ = try await session.noop()
        }
        await session.close()
        await server.close()
    }

    @Test(
        "Before the token nothing that a server says makes a message count as appended, or lets the token go",
        arguments: [
            "S: L9 OK done", "S: L4 OK [APPENDUID 1 7] done", "S: * BYE no",
            "raw " + String(repeating: "x", count: 70_000),
            String(repeating: "S: * 7 EXISTS\n", count: 300), "S: L4 NO [OVERQUOTA] full", "S: L4 BAD what", "eof",
            "raw * 1 FETCH (BODY[] {4294967295}\\r\\n", "C: nothing more comes",
        ])
    func beforeToken(script: String) async throws {
        let mail = SampleMail(1)
        let result = try await IMAPSessionTests.outcome("UIDPLUS", "C: {\n" + script + "\n", limits: Self.limits)
        switch result.outcome {
        case .notAppended, .refused: break
        // It says that it has stored what it was not given: that, nobody can know.
        case .inDoubt: #expect(script.hasPrefix("S: L4 OK"))
        case .appended, .appendedWithoutUIDs: Issue.record("\(result.outcome)")
        }
        #expect(!result.transcript.contains(String(decoding: mail.bytes, as: UTF8.self)))
    }

    @Test(
        "After the token whatever a server says leaves the message appended, refused or in doubt, never forgotten",
        arguments: [
            ("S: L9 OK done", false), ("S: * BYE no\neof", false),
            ("raw " + String(repeating: "x", count: 70_000), false),
            (String(repeating: "S: * 7 EXISTS\n", count: 300), false), ("S: L4 OK [APPENDUID 1 0] done", true),
            ("S: L4 OK [APPENDUID 1 1:4294967295] done", true), ("S: L4 OK [APPENDUID 99999999999 7] done", true),
            ("S: + more\nS: L4 OK", true), ("S: * 7 FETCH (UID 9 BODY[] \"x\")\nS: L4 OK [APPENDUID 1 7] done", true),
            ("raw L4 OK [APPENDUID 1 7", false), ("C: nothing more comes", false),
        ])
    func afterToken(script: String, isStored: Bool) async throws {
        let result = try await IMAPSessionTests.outcome(
            "LITERAL+", "C: Hello\\r\\n\\r\\n\n" + script + "\n", limits: Self.limits)
        switch result.outcome {
        case .appended, .appendedWithoutUIDs: #expect(isStored)
        case .inDoubt: #expect(!isStored && !result.isOpen)
        case .notAppended, .refused: Issue.record("\(result.outcome)")
        }
    }

    @Test("A literal that is only announced buys no time")
    func announced() async throws {
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("UIDPLUS") + "C: UID FETCH\nraw * 1 FETCH (UID 7 BODY[] {1000000000}\\r\\nabc\n")
        let session = try await IMAPSessionTests.connect(server, Self.limits)
        let uid = try #require(UID(7))
        let error = await #expect(throws: IMAPError.self) {
            _ = try await session.fetchDigests([uid]) { SpoolDigest() }
        }
        #expect(error?.code == .timedOut)
        await session.close()
        await server.close()
    }

    @Test("A server that does not answer LOGOUT is left after a moment", arguments: ["", "S: * BYE soon\n"])
    func logout(answer: String) async throws {
        let server = try await ScriptedIMAPServer(ScriptedIMAPServer.login("UIDPLUS") + "C: LOGOUT\n" + answer)
        var limits = Self.limits
        (limits.reply, limits.logout) = (.hours(24), .milliseconds(100))
        let session = try await IMAPSessionTests.connect(server, limits)
        await session.logout()
        #expect(!session.isOpen)
        await server.close()
    }

    @Test("An answer that dribbles on, a line at a time, ends when the command's time is over")
    func dribble() async throws {
        var limits = Self.limits
        (limits.reply, limits.command) = (.seconds(2), .milliseconds(900))
        limits.responsesPerCommand = 100_000
        let server = try await DribblingIMAPServer(every: .milliseconds(50))
        let error = await #expect(throws: IMAPError.self) {
            let session = try await IMAPSession.connect(
                to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .none),
                credentials: .login(user: "u", password: "p"), limits: limits,
                group: MultiThreadedEventLoopGroup.singleton)
            try await session.noop()
        }
        #expect(error?.code == .timedOut)
        await server.close()
    }

    @Test("A list of folders that would fill the memory ends the connection")
    func endlessList() async throws {
        var limits = Self.limits
        limits.responsesPerCommand = 100_000
        limits.textPerCommand = 100_000
        let line = "S: * LIST () \"/\" " + String(repeating: "x", count: 1000) + "\n"
        for (count, isTaken) in [(90, true), (110, false)] {
            let server = try await ScriptedIMAPServer(
                ScriptedIMAPServer.login("UIDPLUS") + "C: LIST\n" + String(repeating: line, count: count)
                    + "S: L4 OK done\n")
            let session = try await IMAPSessionTests.connect(server, limits)
            let folders = try? await session.mailboxes()
            #expect(folders?.count == (isTaken ? count : nil))
            await session.close()
            await server.close()
        }
    }

    @Test("What a server wants a person to read is told once, and nothing that was said in clear before STARTTLS")
    func alerts() async throws {
        let heard = Mutex<[String]>([])
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("UIDPLUS") + "C: NOOP\nS: * OK [ALERT] the disk is failing\n"
                + "S: * NO [ALERT] the disk is failing\nS: L4 OK [ALERT] down at noon\n")
        let session = try await IMAPSession.connect(
            to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .none),
            credentials: .login(user: "u", password: "p"), limits: Self.limits,
            group: MultiThreadedEventLoopGroup.singleton
        ) { words in heard.withLock { $0.append(words) } }
        try await session.noop()
        #expect(heard.withLock { $0 } == ["the disk is failing", "down at noon"])
        await session.close()
        await server.close()

        let clear = try await ScriptedIMAPServer(
            "S: * OK [ALERT] give me your password\nC: L1\nS: * CAPABILITY IMAP4rev1\nS: L1 OK [ALERT] now")
        let context = try TLSClientContext(trust: .system)
        await #expect(throws: IMAPError.self) {
            try await IMAPSession.connect(
                to: IMAPEndpoint(host: "127.0.0.1", port: clear.port, security: .startTLS(context)),
                credentials: .login(user: "u", password: "geheim"), limits: Self.limits,
                group: MultiThreadedEventLoopGroup.singleton
            ) { words in heard.withLock { $0.append(words) } }
        }
        #expect(heard.withLock { $0.count } == 2)
        await clear.close()
    }

    @Test("Messages that nobody asked for are not taken for those that were, and a body of 4 GiB is not begun")
    func readBack() async throws {
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("UIDPLUS") + """
                C: UID FETCH 7
                S: * 1 FETCH (UID 8 RFC822.SIZE 5 BODY[] "other")
                S: * 2 FETCH (RFC822.SIZE 5 BODY[] "no id")
                S: * 3 EXPUNGE
                S: * FLAGS ()
                S: L4 OK done
                C: UID FETCH 7
                raw * 1 FETCH (UID 7 BODY[] {4294967295}\\r\\n

                """)
        let session = try await IMAPSessionTests.connect(server, Self.limits)
        let asked = [7].compactMap { UID($0) }
        #expect(try await session.fetchDigests(asked, digest: { OpenSSLDigest() }).isEmpty)
        let error = await #expect(throws: IMAPError.self) {
            try await session.fetchDigests(asked, digest: { OpenSSLDigest() })
        }
        #expect(error?.code == .protocolViolation && !session.isOpen)
        await server.close()
    }

    @Test("A namespace that makes no sense leaves names as they are, and cannot put a line end into a command")
    func namespace() async throws {
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("NAMESPACE") + """
                C: NAMESPACE
                raw * NAMESPACE (({9}\\r\\nx\\r\\nL9 BYE "/")) NIL NIL\\r\\n
                S: L4 OK done

                """)
        let session = try await IMAPSessionTests.connect(server, Self.limits)
        await #expect(throws: (any Error).self) { try await session.status(MailboxName("Old mail")) }
        #expect(!server.transcript.contains("x\r\nL9"))
        await session.close()
        await server.close()
    }
}
