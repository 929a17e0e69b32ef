import IMAPProtocol
import MailModel
import NIOCore
import NIOPosix
import Replayer
import Testing

/// The session against servers that do what a script says.
@Suite(.timeLimit(.minutes(10)))
struct IMAPSessionTests {
    static func connect(_ server: ScriptedIMAPServer, _ limits: IMAPSessionLimits = IMAPSessionLimits()) async throws
        -> IMAPSession
    {
        try await IMAPSession.connect(
            to: IMAPEndpoint(host: "127.0.0.1", port: server.port, security: .none),
            credentials: .login(user: "u", password: "geheim"), limits: limits,
            group: MultiThreadedEventLoopGroup.singleton)
    }

    static func outcome(
        _ capabilities: String, _ script: String, limits: IMAPSessionLimits = IMAPSessionLimits(),
        mails: [SampleMail] = [SampleMail(1)], gate: @Sendable () async throws -> Void = {}
    ) async throws -> (outcome: AppendOutcome, isOpen: Bool, transcript: [UInt8]) {
        let server = try await ScriptedIMAPServer(ScriptedIMAPServer.login(capabilities) + script)
        let session = try await connect(server, limits)
        let outcome = await session.append(mails.map(\.message), to: .inbox, gate: gate)
        let isOpen = session.isOpen
        await session.close()
        await server.close()
        return (outcome, isOpen, server.transcript)
    }

    @Test("Until the gate opens the last octet and the CRLF are held back")
    func gate() async throws {
        let mail = SampleMail(1)
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("LITERAL+")
                + "C: Hello\nS: * 1 EXISTS\nC: \\r\\n\\r\\n\nS: L4 OK [APPENDUID 1 7] done\n")
        let session = try await Self.connect(server)
        let outcome = await session.append([mail.message], to: .inbox) {
            // All but the token arrives while the gate is shut.
            while !server.transcript.hasSuffix(mail.bytes.dropLast()) { await Task.yield() }
        }
        #expect(outcome == .appended(UIDValidity(1), [UID(7)].compactMap { $0 }))
        #expect(server.transcript.hasSuffix(mail.bytes + Array("\r\n".utf8)))
        #expect(session.isOpen)
        await session.close()
        await server.close()
    }

    @Test("EOF while the server is asked: not appended, and closed")
    func endBeforeToken() async throws {
        let result = try await Self.outcome("UIDPLUS", "C: {\neof\n")
        guard case .notAppended(let interruption) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(interruption.cause == .connectionClosed && !result.isOpen)
    }

    @Test("EOF after the token: in doubt, and closed")
    func endAfterToken() async throws {
        let result = try await Self.outcome("LITERAL+", "C: Hello\\r\\n\\r\\n\neof\n")
        guard case .inDoubt(let interruption) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(interruption.cause == .connectionClosed && !result.isOpen)
    }

    @Test("A continuation that never comes times out, not appended; the socket is closed")
    func noContinuation() async throws {
        var limits = IMAPSessionLimits()
        limits.continuation = .milliseconds(50)
        let result = try await Self.outcome("UIDPLUS", "C: {\n", limits: limits)
        guard case .notAppended(let interruption) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(interruption.cause == .timedOut && !result.isOpen)
    }

    @Test("An answer that never comes leaves the batch in doubt; the socket is closed")
    func noAnswer() async throws {
        var limits = IMAPSessionLimits()
        limits.reply = .milliseconds(300)
        let result = try await Self.outcome("LITERAL+", "", limits: limits)
        guard case .inDoubt(let interruption) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(interruption.cause == .timedOut && !result.isOpen)
    }

    @Test("Without LITERAL+ no octet of a message is sent unasked, and a refusal leaves the connection usable")
    func refusedEarly() async throws {
        let result = try await Self.outcome("UIDPLUS", "C: {\nS: L4 NO [OVERQUOTA] full\n")
        guard case .refused(let refusal) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(refusal.text.code == .overQuota && !refusal.tokenWasSent && result.isOpen)
        #expect(!result.transcript.contains("{\(SampleMail(1).message.size)+}"))
        #expect(!result.transcript.contains("Return-Path"))
    }

    @Test("More than one message without MULTIAPPEND is not tried")
    func noMultiAppend() async throws {
        let result = try await Self.outcome("LITERAL+", "", mails: [SampleMail(1), SampleMail(2)])
        guard case .notAppended(let interruption) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(interruption.cause == .invalidBatch && result.isOpen)
        #expect(!result.transcript.contains("APPEND"))
    }

    @Test(
        "A server that cannot be believed gets no password",
        arguments: [
            ("S: * PREAUTH welcome", IMAPError.Code.untrustworthy), ("S: * BYE busy", .bye),
            ("S: 220 mx ESMTP", .protocolViolation),
            ("raw * OK \u{0}\\r\\n", .protocolViolation), ("eof", .connectionClosed),
            ("S: * OK\nC: L1\nS: * CAPABILITY LOGINDISABLED\nS: L1 OK", .loginUnavailable),
            ("S: * OK\nC: L1\nS: L9 OK", .protocolViolation),
            ("S: * OK\nC: L1\nraw * 1 FETCH (BODY[] {4294967295}\\r\\n", .protocolViolation),
        ])
    func hostile(script: String, code: IMAPError.Code) async throws {
        let server = try await ScriptedIMAPServer(script)
        let error = await #expect(throws: IMAPError.self) { try await Self.connect(server) }
        #expect(error?.code == code)
        #expect(!server.transcript.contains("geheim"))
        await server.close()
    }

    @Test("Bodies are hashed as they come; what is gone or was not asked for is left out")
    func digests() async throws {
        let mail = SampleMail(3)
        let text = String(decoding: mail.bytes, as: UTF8.self).replacing("\r\n", with: #"\r\n"#)
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("UIDPLUS") + """
                C: UID FETCH 7:9
                raw * 1 FETCH (RFC822.SIZE \(mail.bytes.count) BODY[] {\(mail.bytes.count)}\\r\\n\(text) UID 7)\\r\\n
                S: * 2 FETCH (UID 8 RFC822.SIZE 0 BODY[] "")
                S: * 3 FETCH (UID 9)
                S: * 4 FETCH (UID 10 BODY[] "x")
                S: * 1 FETCH (FLAGS (\\Seen))
                S: L4 OK done

                """)
        let session = try await Self.connect(server)
        let uids = [7, 8, 9].compactMap { UID($0) }
        let digests = try await session.fetchDigests(uids, digest: { OpenSSLDigest() })
        #expect(
            digests == [
                uids[0]: MailboxDigest(
                    size: mail.bytes.count, octets: mail.bytes.count, digest: OpenSSLDigest.digest(of: mail.bytes),
                    id: mail.id)
            ])
        await session.close()
        await server.close()
    }

    @Test("The quota nearest to its end is given, in octets")
    func quota() async throws {
        let server = try await ScriptedIMAPServer(
            ScriptedIMAPServer.login("QUOTA") + """
                C: GETQUOTAROOT
                S: * QUOTAROOT INBOX "a" "b"
                S: * QUOTA "a" (STORAGE 10 512)
                S: * QUOTA "b" (MESSAGE 1 2 STORAGE 100 200)
                S: L4 OK done

                """)
        let session = try await Self.connect(server)
        #expect(try await session.quota(.inbox) == MailboxQuota(used: 100 << 10, limit: 200 << 10))
        await session.close()
        await server.close()
    }

    @Test("An answer that does not end is cut off")
    func endless() async throws {
        var limits = IMAPSessionLimits()
        limits.responsesPerCommand = 20
        let server = try await ScriptedIMAPServer("S: * OK\nC: L1\n" + String(repeating: "S: * 1 EXISTS\n", count: 30))
        let error = await #expect(throws: IMAPError.self) { try await Self.connect(server, limits) }
        #expect(error?.code == .protocolViolation)
        await server.close()
    }
}
