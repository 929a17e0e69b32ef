import MailModel
import Testing

@testable import SMTPProtocol

@Suite("XCLIENT")
struct XCLIENTTests {
    private static func session(offers: Bool = true) -> SMTPServerStateMachine {
        var machine = SMTPServerStateMachine(
            configuration: SMTPServerConfiguration(hostname: "mx1.example.com", maximumMessageSize: .mib(1)),
            offersXCLIENT: offers)
        _ = machine.connected()
        return machine
    }

    private static func command(_ line: String) -> SMTPCommand {
        Array(line.utf8).withUnsafeBytes { SMTPCommand(line: $0) }
    }

    private static func code(_ action: SMTPServerStateMachine.Action) -> UInt16? {
        if case .reply(let reply) = action { return reply.code }
        return nil
    }

    @Test("A gateway's word about its client is understood, xtext and unknown values too")
    func attributes() {
        var expected = XCLIENTAttributes()
        expected.address = "2001:db8::1"
        expected.port = 4711
        expected.helo = "a=b"
        expected.isExtended = true
        #expect(
            Self.command("xclient ADDR=IPV6:2001:db8::1 PORT=4711 NAME=[UNAVAILABLE] HELO=a+3Db PROTO=esmtp")
                == .xclient(expected))
        #expect(XCLIENTAttributes("NAME=mail.sender.example ADDR=192.0.2.1")?.name == "mail.sender.example")
    }

    @Test(
        "What cannot be understood changes nothing",
        arguments: [
            "", "ADDR", "ADDR=", "ADDR=example", "ADDR=1.2.3", "ADDR=192.0.2.1 ADDR=192.0.2.1", "PORT=65536", "PORT=-1",
            "PROTO=LMTP", "LOGIN=me", "NAME=a+0D+0Ab", "NAME=a b", "HELO=+0", "HELO=+zz", "NAME=<x>", "HELO=",
        ])
    func malformed(_ arguments: String) {
        #expect(XCLIENTAttributes(arguments) == nil)
        var machine = Self.session()
        #expect(
            Self.code(machine.commandReceived(Self.command("XCLIENT \(arguments)"), moreInputIsBuffered: false)) == 501)
    }

    @Test("It is announced to gateways only, and to everybody else it is no command")
    func offered() {
        for (offers, code) in [(true, nil), (false, 500)] as [(Bool, UInt16?)] {
            var machine = Self.session(offers: offers)
            guard case .reply(let hello) = machine.commandReceived(.ehlo("gw"), moreInputIsBuffered: false) else {
                Issue.record("no reply")
                continue
            }
            #expect(hello.lines.contains { $0.hasPrefix("XCLIENT ") } == offers)
            let action = machine.commandReceived(Self.command("XCLIENT ADDR=192.0.2.1"), moreInputIsBuffered: false)
            #expect(Self.code(action) == code)
        }
    }

    @Test("Afterwards the session stands as after the banner; in a transaction it is refused")
    func reset() {
        var machine = Self.session()
        _ = machine.commandReceived(.ehlo("gw"), moreInputIsBuffered: false)
        _ = machine.commandReceived(Self.command("MAIL FROM:<a@b.example>"), moreInputIsBuffered: false)
        _ = machine.senderDecided(.accept)
        let xclient = Self.command("XCLIENT ADDR=192.0.2.1")
        #expect(Self.code(machine.commandReceived(xclient, moreInputIsBuffered: false)) == 503)
        _ = machine.commandReceived(.rset, moreInputIsBuffered: false)
        guard case .changeClient(let attributes) = machine.commandReceived(xclient, moreInputIsBuffered: false) else {
            Issue.record("not understood")
            return
        }
        #expect(Self.code(machine.clientChanged(.welcome, attributes)) == 220)
        #expect(machine.greeting == nil)
        let mail = machine.commandReceived(Self.command("MAIL FROM:<a@b.example>"), moreInputIsBuffered: false)
        #expect(Self.code(mail) == 503)
    }

    /// What the one client has done is not held against the next (XCLIENT_README: as if it were a new connection).
    @Test("Counts of errors, junk and messages start anew with each client")
    func countsAnew() {
        var limits = SMTPLimits()
        (limits.errors, limits.mailCommands, limits.refusedRecipients) = (3, 2, 2)
        var machine = SMTPServerStateMachine(
            configuration: SMTPServerConfiguration(
                hostname: "mx1.example.com", maximumMessageSize: .mib(1), limits: limits), offersXCLIENT: true)
        _ = machine.connected()
        for client in 1...4 {
            _ = machine.commandReceived(.ehlo("gw"), moreInputIsBuffered: false)
            #expect(Self.code(machine.commandReceived(.unknown, moreInputIsBuffered: false)) == 500)
            _ = machine.commandReceived(Self.command("MAIL FROM:<a@b.example>"), moreInputIsBuffered: false)
            #expect(Self.code(machine.senderDecided(.accept)) == 250)
            _ = machine.commandReceived(Self.command("RCPT TO:<a@b.example>"), moreInputIsBuffered: false)
            #expect(Self.code(machine.recipientDecided(.unknown)) == 550)
            _ = machine.commandReceived(.rset, moreInputIsBuffered: false)
            #expect(Self.code(machine.commandReceived(.unknown, moreInputIsBuffered: false)) == 500)
            let xclient = Self.command("XCLIENT ADDR=192.0.2.\(client)")
            guard case .changeClient(let attributes) = machine.commandReceived(xclient, moreInputIsBuffered: false)
            else {
                Issue.record("not understood")
                return
            }
            #expect(machine.isAwaitingAnswer && !machine.mayReceiveCommand, "whoever is asked about it has time")
            #expect(Self.code(machine.clientChanged(.welcome, attributes)) == 220)
        }
    }

    @Test("A client that a limit turns away is told so through the gateway")
    func turnedAway() {
        var machine = Self.session()
        _ = machine.commandReceived(Self.command("XCLIENT ADDR=192.0.2.1"), moreInputIsBuffered: false)
        let action = machine.clientChanged(.tooManyFromClient, XCLIENTAttributes())
        #expect(action == .replyAndClose(.tooManyConnections))
    }
}
