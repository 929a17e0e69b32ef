import MailModel
import NIOCore
import TestKit
import Testing

@testable import IMAPProtocol

/// Scripts: `S: …` is said to the machine, `synced`, `failed`, `eof`, `timeout` happen to it; the rest is what it must do.
struct AppendStateMachineTests {
    static let date = Timestamp(seconds: 1_795_255_200)

    static func play(_ sizes: [Int], _ capabilities: [String], _ script: String, known: Int? = nil) throws {
        var limits = AppendLimits()
        limits.knownMessageSize = known
        var machine = try AppendStateMachine(
            tag: IMAPTag("L4"), mailbox: .inbox, items: sizes.map { AppendItem(size: $0, date: date) },
            capabilities: Capabilities(capabilities), limits: limits)
        var said = show(machine.start())
        var expected: [String] = []
        for line in script.split(separator: "\n").map(String.init) {
            switch line {
            case "synced": said += show(machine.intentSynced())
            case "failed": said += show(machine.intentFailed("disk"))
            case "eof": said += show(machine.connectionClosed("reset"))
            case "timeout": said += show(machine.timedOut())
            case let line where line.hasPrefix("S: "):
                for response in try WireReader.responses(line.dropFirst(3) + "\r\n") {
                    said += show(machine.received(response))
                }
            default: expected.append(line)
            }
        }
        #expect(said == expected)
    }

    static func show(_ action: AppendAction) -> [String] {
        switch action {
        case .wait: []
        case .write(let pieces): pieces.map(show)
        case .finish(let outcome, let fate): ["\(show(outcome)), \(fate)"]
        }
    }

    static func show(_ piece: AppendPiece) -> String {
        switch piece {
        case .text(let text):
            "C: "
                + String(buffer: text).replacing(" \"21-Nov-2026 10:00:00 +0000\"", with: "").replacing(
                    "\r\n", with: "")
        case .message(let index, let range): "message \(index) \(range)"
        case .token: "token"
        }
    }

    static func show(_ outcome: AppendOutcome) -> String {
        switch outcome {
        case .appended(let validity, let uids): "appended \(validity) \(uids.map(\.description).joined(separator: " "))"
        case .appendedWithoutUIDs: "appended somewhere"
        case .refused(let refusal): "refused \(refusal.status) \(refusal.tokenWasSent ? "after" : "before") the token"
        case .notAppended(let interruption): "not appended \(interruption.cause)"
        case .inDoubt(let interruption): "in doubt \(interruption.cause)"
        }
    }

    @Test("The header carries the date in quotes and the literal's size")
    func header() throws {
        var machine = try AppendStateMachine(
            tag: IMAPTag("L4"), mailbox: MailboxName("Entwürfe"), items: [AppendItem(size: 310, date: Self.date)],
            capabilities: Capabilities(["LITERAL+"]))
        #expect(
            machine.start()
                == .write([
                    .text(ByteBuffer(string: "L4 APPEND \"Entw&APw-rfe\" \"21-Nov-2026 10:00:00 +0000\" {310+}\r\n")),
                    .message(index: 0, 0..<309),
                ]))
    }

    @Test("LITERAL+: all goes out at once but the token, which waits for the intent")
    func literalPlus() throws {
        try Self.play(
            [10, 20, 30], ["LITERAL+", "MULTIAPPEND"],
            """
            C: L4 APPEND "INBOX" {10+}
            message 0 0..<10
            C:  {20+}
            message 1 0..<20
            C:  {30+}
            message 2 0..<29
            S: * 5 EXISTS
            synced
            token
            S: * 6 EXISTS
            S: L4 OK [APPENDUID 7 257,259:260] done
            appended 7 257 259 260, keep
            S: L4 OK again
            """)
    }

    @Test("Synchronising literals wait for a continuation each; an intent synced early lets the token follow at once")
    func synchronising() throws {
        try Self.play(
            [10, 20], ["MULTIAPPEND"],
            """
            C: L4 APPEND "INBOX" {10}
            synced
            S: + go
            message 0 0..<10
            C:  {20}
            S: + go
            message 1 0..<19
            token
            S: L4 OK [APPENDUID 7 1:2] done
            appended 7 1 2, keep
            """)
    }

    @Test("A message of one octet has only its token")
    func oneOctet() throws {
        try Self.play(
            [1], [],
            "C: L4 APPEND \"INBOX\" {1}\nS: +\nmessage 0 0..<0\nsynced\ntoken\nS: L4 OK\nappended somewhere, keep")
    }

    @Test(
        "Which literals go unasked",
        arguments: [
            (4096, ["LITERAL-"], nil, true), (4097, ["LITERAL-"], nil, false), (4096, [], nil, false),
            (98304, ["LITERAL+"], nil, true), (98305, ["LITERAL+"], nil, false),
            (4097, ["LITERAL+", "LITERAL-"], nil, true),
            (5000, ["LITERAL+"], 5000, true), (5001, ["LITERAL+"], 5000, false), (4096, ["IMAP4rev2"], nil, true),
        ] as [(Int, [String], Int?, Bool)])
    func thresholds(size: Int, capabilities: [String], known: Int?, unasked: Bool) throws {
        let sent = unasked ? "\nmessage 0 0..<\(size - 1)" : ""
        try Self.play(
            [size], capabilities, "C: L4 APPEND \"INBOX\" {\(size)\(unasked ? "+" : "")}\(sent)", known: known)
    }

    static let asking = "C: L4 APPEND \"INBOX\" {10}\n"
    static let holding = "C: L4 APPEND \"INBOX\" {10}\nS: +\nmessage 0 0..<9\n"
    static let tokenSent = "C: L4 APPEND \"INBOX\" {10}\nS: +\nmessage 0 0..<9\nsynced\ntoken\n"

    @Test(
        "Every way it can end while the server is asked",
        arguments: [
            ("S: L4 NO [TRYCREATE] none", "refused no before the token, keep"),
            ("S: L4 BAD maximum message size exceeded", "refused bad before the token, close"),
            ("S: L4 OK", "in doubt protocolViolation, close"), ("S: L9 NO", "not appended protocolViolation, close"),
            ("S: * BYE", "not appended bye, close"), ("eof", "not appended connectionClosed, close"),
            ("timeout", "not appended timedOut, close"), ("failed", "not appended intentFailed, close"),
            ("synced\neof", "not appended connectionClosed, close"),
            ("synced\ntimeout", "not appended timedOut, close"),
            ("S: * BAD Unknown Error\neof", "not appended connectionClosed, close"),
        ])
    func whileAsking(event: String, end: String) throws { try Self.play([10], [], Self.asking + event + "\n" + end) }

    @Test(
        "Every way it can end while the token is held back",
        arguments: [
            ("S: L4 NO [OVERQUOTA] full", "refused no before the token, close"),
            ("S: L4 BAD", "refused bad before the token, close"),
            ("S: L4 OK", "in doubt protocolViolation, close"), ("S: + again", "not appended protocolViolation, close"),
            ("S: L9 OK", "not appended protocolViolation, close"), ("S: * BYE", "not appended bye, close"),
            ("eof", "not appended connectionClosed, close"), ("timeout", "not appended timedOut, close"),
            ("failed", "not appended intentFailed, close"),
        ])
    func whileHolding(event: String, end: String) throws {
        try Self.play([10], [], Self.holding + event + "\n" + end + "\nsynced")
    }

    @Test(
        "Every way it can end after the token",
        arguments: [
            ("S: L4 OK [APPENDUID 1 5]", "appended 1 5, keep"), ("S: L4 OK", "appended somewhere, keep"),
            ("S: L4 OK [APPENDUID 1 5:6]", "appended somewhere, keep"),
            ("S: L4 OK [APPENDUID 1 0]", "appended somewhere, keep"),
            ("S: L4 NO [OVERQUOTA] full", "refused no after the token, keep"),
            ("S: L4 BAD x", "refused bad after the token, close"),
            ("S: L9 OK", "in doubt protocolViolation, close"), ("S: + what\nS: L4 OK", "appended somewhere, keep"),
            ("S: * BYE\nS: L4 OK [APPENDUID 1 5]", "appended 1 5, close"), ("S: * BYE\neof", "in doubt bye, close"),
            ("eof", "in doubt connectionClosed, close"), ("timeout", "in doubt timedOut, close"),
            ("failed\neof", "in doubt connectionClosed, close"), ("synced\nS: L4 OK", "appended somewhere, keep"),
        ])
    func afterToken(event: String, end: String) throws { try Self.play([10], [], Self.tokenSent + event + "\n" + end) }

    @Test(
        "UIDs that do not ascend, or are not as many as the messages, are not believed",
        arguments: ["6,5", "5,5", "5", "5:7"])
    func wrongUIDs(set: String) throws {
        try Self.play(
            [1, 1], ["LITERAL+", "MULTIAPPEND"],
            "C: L4 APPEND \"INBOX\" {1+}\nmessage 0 0..<1\nC:  {1+}\nmessage 1 0..<0\nsynced\ntoken\nS: L4 OK [APPENDUID 1 \(set)] x\n"
                + "appended somewhere, keep")
    }

    @Test("In the middle of a batch NO ends it before the rest is sent")
    func refusedInTheMiddle() throws {
        try Self.play(
            [10, 20], ["MULTIAPPEND"],
            """
            C: L4 APPEND "INBOX" {10}
            S: +
            message 0 0..<10
            C:  {20}
            S: L4 NO [LIMIT] too big
            refused no before the token, keep
            synced
            """)
    }

    @Test("The server's last words are kept for the operator")
    func lastWords() throws {
        var machine = try AppendStateMachine(
            tag: IMAPTag("L4"), mailbox: .inbox, items: [AppendItem(size: 1, date: Self.date)],
            capabilities: Capabilities(["LITERAL+"]))
        _ = machine.start()
        _ = machine.intentSynced()
        _ = machine.received(.untagged(.condition(.bad, ResponseText(words: "Unknown Error"))))
        #expect(
            machine.connectionClosed()
                == .finish(.inDoubt(AppendInterruption(.connectionClosed, words: "Unknown Error")), .close))
    }

    @Test("Batches that cannot be sent are refused")
    func invalid() {
        func make(_ sizes: [Int]) throws {
            _ = try AppendStateMachine(
                tag: IMAPTag("L4"), mailbox: .inbox, items: sizes.map { AppendItem(size: $0, date: Self.date) },
                capabilities: Capabilities([]))
        }
        #expect(throws: IMAPEncodeError(.emptyBatch)) { try make([]) }
        #expect(throws: IMAPEncodeError(.emptyMessage)) { try make([0]) }
        #expect(throws: IMAPEncodeError(.multiAppendUnsupported)) { try make([1, 1]) }
    }

    @Test(
        "Whatever the server says, the token is written at most once and only after the intent",
        arguments: UInt64(1)...200)
    func randomServers(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let lines = [
            "+ go", "L4 OK", "L4 NO", "L9 OK", "* BYE", "* OK x", "* NO x", "* 1 EXISTS", "L4 OK [APPENDUID 1 1:2]",
        ]
        var machine = try AppendStateMachine(
            tag: IMAPTag("L4"), mailbox: .inbox,
            items: [AppendItem(size: 9, date: Self.date), AppendItem(size: 200_000, date: Self.date)],
            capabilities: Capabilities(["LITERAL+", "MULTIAPPEND"]))
        var (synced, tokens, ends) = (false, 0, 0)
        func note(_ action: AppendAction) {
            switch action {
            case .wait: break
            case .write(let pieces):
                #expect(ends == 0)
                tokens += pieces.filter { $0 == .token }.count
                #expect(tokens == 0 || synced)
            case .finish(let outcome, _):
                ends += 1
                if case .notAppended = outcome { #expect(tokens == 0) }
                if case .appended = outcome { #expect(tokens == 1) }
            }
        }
        note(machine.start())
        for _ in 0..<12 {
            switch Int.random(in: 0..<14, using: &generator) {
            case 0:
                synced = true
                note(machine.intentSynced())
            case 1: note(machine.intentFailed(""))
            case 2: note(machine.connectionClosed())
            case 3: note(machine.timedOut())
            default:
                let line = lines.randomElement(using: &generator) ?? ""
                for response in try WireReader.responses(line + "\r\n") { note(machine.received(response)) }
            }
        }
        note(machine.connectionClosed())
        #expect(tokens <= 1 && ends == 1, "seed \(seed)")
    }
}
