import MailModel
import SMTPProtocol
import Testing

@Suite("The limit that a reply tells of")
struct SMTPLimitTests {
    private static func session(_ change: (inout SMTPLimits) -> Void = { _ in }) -> ScriptedSession {
        var limits = SMTPLimits()
        change(&limits)
        var session = ScriptedSession(
            SMTPServerConfiguration(
                hostname: "mx1.example.com", maximumMessageSize: ByteCount(100), limits: limits))
        session.connect()
        session.send("EHLO a\r\n".utf8)
        return session
    }

    /// What the machine says after these lines, each sent by itself.
    private static func reached(
        _ lines: [String], _ session: ScriptedSession, _ prepare: (inout ScriptedSession) -> Void = { _ in }
    ) -> [SMTPLimit?] {
        var session = session
        prepare(&session)
        return lines.map { line in
            session.send(Array((line + "\r\n").utf8))
            return session.machine.takeReachedLimit()
        }
    }

    private static let begin = ["MAIL FROM:<>", "RCPT TO:<a@example.com>"]

    @Test("Errors: the one that ends the session")
    func errors() {
        #expect(Self.reached(["X", "X", "X"], Self.session { $0.errors = 3 }) == [nil, nil, .errors])
    }

    @Test("Junk: the first beyond, and the one that ends the session")
    func junk() {
        let session = Self.session { ($0.junkCommands, $0.errors) = (1, 3) }
        #expect(
            Self.reached(["NOOP", "NOOP", "NOOP", "NOOP"], session) == [nil, .junkCommands, nil, .junkCommands])
    }

    @Test("Refused recipients: the one that ends the session")
    func refusedRecipients() {
        let reached = Self.reached(
            ["MAIL FROM:<>", "RCPT TO:<a@b>", "RCPT TO:<a@b>"], Self.session { $0.refusedRecipients = 2 }
        ) { $0.recipientVerdicts = [.unknown, .unknown] }
        #expect(reached == [nil, nil, .refusedRecipients])
    }

    @Test("Recipients: once for each message")
    func recipients() {
        let session = Self.session { $0.recipients = 1 }
        let message = Self.begin + ["RCPT TO:<b@example.com>", "RCPT TO:<c@example.com>", "RSET"]
        let expected: [SMTPLimit?] = [nil, nil, .recipients, nil, nil]
        #expect(Self.reached(message + message, session) == expected + expected)
    }

    @Test("The size of a message: by SIZE, while it comes, without end, by the chunks announced")
    func size() {
        #expect(Self.reached(["MAIL FROM:<> SIZE=100"], Self.session()) == [nil])
        #expect(Self.reached(["MAIL FROM:<> SIZE=101"], Self.session()) == [.messageSize])
        let long = String(repeating: "x", count: 99)
        #expect(Self.reached(Self.begin + ["DATA", long, "."], Self.session()).last == .messageSize)
        #expect(Self.reached(Self.begin + ["DATA", long + long + long], Self.session()).last == .messageSize)
        let chunk = "BDAT 101 LAST\r\n" + long
        #expect(Self.reached(Self.begin + [chunk], Self.session()) == [nil, nil, .messageSize])
    }

    @Test("Lines that are too long, chunks that are too small, messages in one session, talk before the banner")
    func others() {
        #expect(Self.reached(["NOOP " + String(repeating: "x", count: 3_000)], Self.session()) == [.commandLine])
        let small = Self.session { ($0.smallChunks, $0.smallChunkOctets) = (1, 10) }
        #expect(Self.reached(Self.begin + ["BDAT 0\r\nBDAT 0"], small).last == .smallChunks)
        let mails = Self.session { $0.mailCommands = 1 }
        #expect(Self.reached(["MAIL FROM:<>", "RSET", "MAIL FROM:<>"], mails) == [nil, nil, .mailCommands])
        var early = ScriptedSession(
            SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: ByteCount(100)))
        early.send("EHLO a\r\n".utf8)
        early.connect()
        #expect(early.machine.takeReachedLimit() == .earlyTalker && early.machine.isClosed)
        #expect(early.machine.takeReachedLimit() == nil, "it is told once")
    }
}
