import MailModel
import SMTPProtocol
import Testing

@Suite("The session against a model of it")
struct SessionModelTests {
    /// What a server must know of a session, and no more.
    private struct Model {
        var isGreeted = false
        var isOpen = false
        var recipients: [String] = []
        var hasRefusedRecipients = false

        mutating func reset() {
            (isOpen, recipients, hasRefusedRecipients) = (false, [], false)
        }
    }

    /// A command, what the receiver will say to it, and the code that must come back.
    private struct Step {
        var line: String
        var code: String
        var mustEndGroup = false
    }

    private static func step(_ model: inout Model, _ session: inout ScriptedSession, _ random: inout SeededGenerator)
        -> Step
    {
        let number = Int.random(in: 0..<100, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            model.reset()
            model.isGreeted = true
            return Step(line: "EHLO host\(number).example.org", code: "250", mustEndGroup: true)
        case 1, 2: return mail(&model, &session, &random)
        case 3, 4, 5: return recipient(&model, &session, &random)
        case 6, 7: return data(&model, &session, &random)
        case 8:
            model.reset()
            return Step(line: "RSET", code: "250")
        case 9: return Step(line: ["NOOP", "VRFY a", "HELP"].randomElement(using: &random) ?? "", code: "2")
        case 10:
            let line = ["MAIL FROM:<a@b@c>", "MAIL FROM:x y", "DATA 1", "EHLO"].randomElement(using: &random) ?? ""
            return Step(line: line, code: "501")
        default:
            if model.isOpen { model.hasRefusedRecipients = true }
            return Step(line: "RCPT TO:<@>", code: "501")
        }
    }

    private static func mail(
        _ model: inout Model, _ session: inout ScriptedSession, _ random: inout SeededGenerator
    ) -> Step {
        let line = "MAIL FROM:<alice@example.org>"
        let mustEndGroup = !model.isGreeted
        guard model.isGreeted, !model.isOpen else { return Step(line: line, code: "503", mustEndGroup: mustEndGroup) }
        let isFull = Bool.random(using: &random)
        session.senderVerdicts.append(isFull ? .storageLow : .accept)
        model.isOpen = !isFull
        return Step(line: line, code: isFull ? "452" : "250")
    }

    private static func recipient(
        _ model: inout Model, _ session: inout ScriptedSession, _ random: inout SeededGenerator
    ) -> Step {
        let address = "user\(Int.random(in: 0..<4, using: &random))@example.com"
        let line = "RCPT TO:<\(address)>"
        guard model.isGreeted, model.isOpen else {
            return Step(line: line, code: "503", mustEndGroup: !model.isGreeted)
        }
        let isUnknown = Int.random(in: 0..<3, using: &random) == 0
        session.recipientVerdicts.append(isUnknown ? .unknown : .accept)
        if isUnknown { model.hasRefusedRecipients = true }
        if !isUnknown, !model.recipients.contains(address) { model.recipients.append(address) }
        return Step(line: line, code: isUnknown ? "550" : "250")
    }

    private static func data(
        _ model: inout Model, _ session: inout ScriptedSession, _ random: inout SeededGenerator
    ) -> Step {
        guard !model.recipients.isEmpty else {
            return Step(line: "DATA", code: model.hasRefusedRecipients ? "554" : "503", mustEndGroup: true)
        }
        let isFull = Int.random(in: 0..<4, using: &random) == 0
        session.dataVerdicts.append(isFull ? .storageLow : .proceed)
        return Step(line: "DATA", code: isFull ? "452" : "354", mustEndGroup: true)
    }

    /// The octets of a message and the code that its end must have.
    private static func message(
        _ model: inout Model, _ session: inout ScriptedSession, _ random: inout SeededGenerator
    ) -> Step {
        model.reset()
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return Step(line: "nul\u{0}\r\n.", code: "554")
        case 1: return Step(line: String(repeating: "x", count: 150) + "\r\n.", code: "552")
        case 2:
            session.commitAnswers.append(.failed(.writeError))
            return Step(line: "text\r\n.", code: "451")
        default: return Step(line: "Subject: x\r\n\r\n..text\nMAIL FROM:<>\r\n.", code: "250")
        }
    }

    @Test(
        "Random commands, pipelined at random, get one reply each, in order, as the model says",
        arguments: UInt64(1)...60)
    func randomCommands(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var limits = SMTPLimits()
        (limits.errors, limits.refusedRecipients, limits.junkCommands) = (.max, .max, .max)
        var session = ScriptedSession(
            SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: ByteCount(100), limits: limits))
        session.connect()
        session.output = []
        var model = Model()
        for round in 0..<300 {
            var group: [Step] = []
            repeat {
                group.append(Self.step(&model, &session, &random))
            } while group.last?.mustEndGroup == false && Int.random(in: 0..<3, using: &random) > 0
            let recipients = model.recipients
            let begins = group.last?.code == "354"
            Self.send(group, to: &session, &random)
            Self.expect(group, session.output, "seed \(seed), round \(round)")
            session.output = []
            #expect(session.machine.isReceivingData == begins, "seed \(seed), round \(round)")
            guard begins else { continue }
            #expect(session.transactions.last?.recipients.map(\.text) == recipients, "seed \(seed), round \(round)")
            let end = Self.message(&model, &session, &random)
            Self.send([end], to: &session, &random)
            Self.expect([end], session.output, "seed \(seed), round \(round)")
            session.output = []
        }
        #expect(session.replyCount == session.commandCount + 1)
    }

    private static func send(_ steps: [Step], to session: inout ScriptedSession, _ random: inout SeededGenerator) {
        session.send(steps.map { $0.line + "\r\n" }.joined().utf8)
    }

    private static func expect(_ steps: [Step], _ output: [String], _ place: String) {
        let replies = output.filter { $0.dropFirst(3).first == " " }
        let matches = replies.count == steps.count && zip(replies, steps).allSatisfy { $0.hasPrefix($1.code) }
        #expect(matches, "\(place): \(steps.map(\.line)) gave \(replies), expected \(steps.map(\.code))")
    }

    @Test(
        "Random octets, split at random, never trap, never fill the buffer, never begin a message",
        arguments: UInt64(1)...40)
    func randomOctets(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = [
            "MAIL FROM:", "RCPT TO:", "<", ">", "@", "\"", "\\", "[", "]", "[IPv6:", ":", "::1", ".", "example.com",
            " ", "\r\n",
            "\r", "\n", "\u{0}", "SIZE=", "BODY=", "9999999999999999999", "EHLO ", "DATA", "é", "STARTTLS", "-", "=",
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
