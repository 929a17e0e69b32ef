import MailModel
import SMTPProtocol
import TestKit
import Testing

@Suite("The session against a model of it")
struct SessionModelTests {
    private static func session() -> ScriptedSession {
        var limits = SMTPLimits()
        (limits.errors, limits.refusedRecipients, limits.junkCommands) = (.max, .max, .max)
        (limits.smallChunks, limits.mailCommands) = (.max, .max)
        var session = ScriptedSession(
            SMTPServerConfiguration(
                hostname: "mx1.example.com", maximumMessageSize: ByteCount(SessionModel.limit), offersSTARTTLS: true,
                limits: limits))
        session.connect()
        session.output = []
        return session
    }

    @Test(
        "Random commands, pipelined and cut at random, get one reply each, in order, as the model says",
        arguments: UInt64(1)...80)
    func randomCommands(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var session = Self.session()
        var model = SessionModel()
        for round in 0..<300 {
            let place = "seed \(seed), round \(round)"
            var group: [SessionModel.Step] = []
            repeat {
                group.append(model.step(&session, &random))
            } while group.last?.mustEndGroup == false && Int.random(in: 0..<3, using: &random) > 0
            let recipients = model.recipients
            let begins = group.last?.code == "354"
            Self.send(group, to: &session, place, &random)
            #expect(session.machine.isReceivingData == begins, "\(place)")
            if begins {
                #expect(session.transactions.last?.recipients.map(\.text) == recipients, "\(place)")
                Self.send([model.message(&session, &random)], to: &session, place, &random)
            }
            if group.last?.code == "220" {
                session.perform(session.machine.tlsEstablished("TLSv1.3"))
                model.secure()
            }
            #expect(session.machine.isClosed == (group.last?.closes == true), "\(place)")
            #expect(session.replyCount == session.commandCount + 1, "\(place)")
            if session.machine.isClosed {
                session = Self.session()
                model.reconnect()
            }
        }
    }

    /// Sends the steps in one piece, and the same in random pieces to a copy of the session: nothing may be different.
    private static func send(
        _ steps: [SessionModel.Step], to session: inout ScriptedSession, _ place: String,
        _ random: inout SeededGenerator
    ) {
        let octets = Array(steps.map(\.octets).joined().utf8)
        var twin = session
        session.send(octets)
        let longest = Int.random(in: 1...20, using: &random)
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...longest, using: &random))
            twin.send(piece)
            rest = rest.dropFirst(piece.count)
        }
        #expect(twin.output == session.output, "\(place): cut into pieces")
        #expect(twin.messages == session.messages, "\(place): cut into pieces")
        expect(steps, session.output, place)
        session.output = []
    }

    private static func expect(_ steps: [SessionModel.Step], _ output: [String], _ place: String) {
        let replies = output.filter { $0.dropFirst(3).first == " " }
        let matches = replies.count == steps.count && zip(replies, steps).allSatisfy { $0.hasPrefix($1.code) }
        #expect(matches, "\(place): \(steps.map(\.octets)) gave \(replies), expected \(steps.map(\.code))")
    }

    @Test(
        "Random octets, split at random, never trap, never fill the buffer, never begin a message",
        arguments: UInt64(1)...40)
    func randomOctets(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = [
            "MAIL FROM:", "RCPT TO:", "<", ">", "@", "\"", "\\", "[", "]", "[IPv6:", ":", "::1", ".", "example.com",
            " ", "\r\n",
            "\r", "\n", "\u{0}", "SIZE=", "BODY=", "SMTPUTF8", "BDAT ", "LAST", "7", "9999999999999999999", "EHLO ",
            "DATA", "é", "STARTTLS", "-", "=",
            "a",
        ]
        for _ in 0..<20 {
            var session = ScriptedSession(
                SMTPServerConfiguration(
                    hostname: "mx1.example.com", maximumMessageSize: .kib(1), offersSTARTTLS: true))
            session.connect()
            for _ in 0..<100 where !session.machine.isClosed {
                var octets = Array((words.randomElement(using: &random) ?? "").utf8)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    octets = (0..<50).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
                session.send(octets)
                #expect(session.bufferedOctets <= SMTPLimits().commandLineOctets || session.machine.isClosed)
            }
            #expect(session.replyCount <= session.commandCount + 1, "seed \(seed)")
            for transaction in session.transactions { #expect(!transaction.recipients.isEmpty, "seed \(seed)") }
        }
    }
}
