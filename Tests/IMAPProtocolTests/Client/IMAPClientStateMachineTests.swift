import NIOCore
import Testing

@testable import IMAPProtocol

/// Dialogues as a postmaster writes them: `S` is said to the machine, every other line is what it must do.
struct IMAPClientStateMachineTests {
    static func play(
        _ script: String, _ security: IMAPConnectionSecurity,
        _ credentials: IMAPCredentials = .login(user: "u", password: "p")
    ) throws -> IMAPClientStateMachine {
        var machine = IMAPClientStateMachine(security: security, credentials: credentials)
        var said: [String] = []
        var expected: [String] = []
        for line in script.split(separator: "\n").map(String.init) {
            if line == "handshake" {
                said += show(machine.handshakeCompleted())
            } else if line == "eof" {
                said += show(machine.connectionClosed())
            } else if line.hasPrefix("S: ") {
                for response in try WireReader.responses(line.dropFirst(3) + "\r\n") {
                    said += show(machine.received(response))
                }
            } else if line == "run NOOP" {
                said += show(try machine.run(.noop))
            } else {
                expected.append(line)
            }
        }
        #expect(said == expected)
        return machine
    }

    static func show(_ action: IMAPClientAction) -> [String] {
        switch action {
        case .wait, .untagged: []
        case .write(let bytes): ["C: " + String(buffer: bytes).replacing("\r\n", with: "")]
        case .startHandshake: ["start handshake"]
        case .ready: ["ready"]
        case .complete(let tagged): ["complete \(tagged.status)"]
        case .fail(let error): ["fail \(error.code)"]
        }
    }

    @Test("Implicit TLS: capabilities before and after the login, then ID")
    func implicitTLS() throws {
        let machine = try Self.play(
            """
            S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready
            C: L1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 ID
            S: L1 OK done
            C: L2 LOGIN "u" "p"
            S: L2 OK [CAPABILITY IMAP4rev1] logged in
            C: L3 CAPABILITY
            S: * CAPABILITY IMAP4rev1 ID LITERAL+ MULTIAPPEND
            S: L3 OK done
            C: L4 ID ("name" "layover")
            S: * ID ("name" "Dovecot")
            S: L4 OK done
            ready
            run NOOP
            C: L5 NOOP
            S: * 3 EXISTS
            S: L5 OK done
            complete ok
            """, .implicitTLS)
        #expect(machine.capabilities.hasLiteralPlus && machine.capabilities.hasMultiAppend)
        #expect(machine.identification == ["name": "Dovecot"])
        #expect(machine.isIdle)
    }

    @Test("STARTTLS: everything said in clear is forgotten")
    func startTLS() throws {
        let machine = try Self.play(
            """
            S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
            C: L1 CAPABILITY
            S: * CAPABILITY IMAP4rev1 STARTTLS LITERAL+ AUTH=PLAIN SASL-IR
            S: L1 OK done
            C: L2 STARTTLS
            S: L2 OK [CAPABILITY IMAP4rev1 LITERAL+ MULTIAPPEND SASL-IR] go
            start handshake
            handshake
            C: L3 CAPABILITY
            S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
            S: L3 OK done
            C: L4 AUTHENTICATE PLAIN
            S: +
            C: dQBhAHA=
            S: L4 OK done
            C: L5 CAPABILITY
            S: * CAPABILITY IMAP4rev1
            S: L5 OK done
            ready
            """, .startTLS, .plain(authorize: "u", authenticate: "a", password: "p"))
        #expect(machine.capabilities == Capabilities(["IMAP4rev1"]))
    }

    @Test(
        "No credential is sent to a server that is not what it must be",
        arguments: [
            ("S: * PREAUTH welcome\nfail preauthenticated", .startTLS),
            ("S: * PREAUTH welcome\nfail preauthenticated", .implicitTLS),
            ("S: * BYE busy\nfail bye", .implicitTLS), ("S: L1 OK hello\nfail protocolViolation", .implicitTLS),
            ("S: + hello\nfail protocolViolation", .implicitTLS),
            ("S: * NO hello\nfail protocolViolation", .implicitTLS),
            ("eof\nfail connectionClosed", .implicitTLS),
            ("S: * OK\nC: L1 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: L1 OK\nfail startTLSUnavailable", .startTLS),
            (
                "S: * OK\nC: L1 CAPABILITY\nS: * CAPABILITY STARTTLS\nS: L1 OK\nC: L2 STARTTLS\nS: L2 NO\nfail startTLSUnavailable",
                .startTLS
            ),
            (
                "S: * OK\nC: L1 CAPABILITY\nS: * CAPABILITY STARTTLS\nS: L1 OK\nC: L2 STARTTLS\nS: L2 BAD\nfail startTLSUnavailable",
                .startTLS
            ),
            (
                "S: * OK\nC: L1 CAPABILITY\nS: * CAPABILITY STARTTLS\nS: L1 OK\nC: L2 STARTTLS\nS: L2 OK\nstart handshake\n"
                    + "S: * CAPABILITY IMAP4rev1\nfail responseInjection", .startTLS
            ),
            ("S: * OK\nC: L1 CAPABILITY\nS: * PREAUTH x\nfail protocolViolation", .startTLS),
            ("S: * OK\nC: L1 CAPABILITY\nS: L9 OK\nfail protocolViolation", .implicitTLS),
            ("S: * OK\nC: L1 CAPABILITY\nS: + go\nfail protocolViolation", .implicitTLS),
            ("S: * OK\nC: L1 CAPABILITY\nS: * CAPABILITY LOGINDISABLED\nS: L1 OK\nfail loginUnavailable", .clear),
            ("S: * OK\nC: L1 CAPABILITY\nS: * BYE\nfail bye\neof", .implicitTLS),
        ] as [(String, IMAPConnectionSecurity)])
    func refused(script: String, security: IMAPConnectionSecurity) throws { _ = try Self.play(script, security) }

    @Test("A refused login says so, with its code")
    func loginRefused() throws {
        var machine = IMAPClientStateMachine(security: .clear, credentials: .login(user: "u", password: "ü"))
        var last = IMAPClientAction.wait
        for line in ["* OK", "* CAPABILITY IMAP4rev1", "L1 OK", "L2 NO [AUTHENTICATIONFAILED] no"] {
            for response in try WireReader.responses(line + "\r\n") { last = machine.received(response) }
        }
        #expect(last == .fail(IMAPClientError(.loginRefused, ResponseText(code: .authenticationFailed, words: "no"))))
        #expect(machine.connectionClosed() == .wait)
    }

    @Test("OK before a literal of the login was sent is a violation")
    func earlyOK() throws {
        _ = try Self.play(
            "S: * OK\nC: L1 CAPABILITY\nS: L1 OK\nC: L2 LOGIN \"u\" {2}\nS: L2 OK\nfail protocolViolation", .clear,
            .login(user: "u", password: "ü"))
    }

    @Test("AUTHENTICATE PLAIN is not tried where it is not offered")
    func noPlain() throws {
        _ = try Self.play(
            "S: * OK\nC: L1 CAPABILITY\nS: L1 OK\nfail loginUnavailable", .clear,
            .plain(authorize: "u", authenticate: "a", password: "p"))
    }

    @Test("A credential with a line end is not sent")
    func injection() throws {
        _ = try Self.play(
            "S: * OK\nC: L1 CAPABILITY\nS: L1 OK\nfail loginUnavailable", .clear,
            .login(user: "u\r\nL9 X", password: "p"))
    }

    @Test("Commands are refused unless the machine is idle")
    func notReady() {
        var machine = IMAPClientStateMachine(security: .clear, credentials: .login(user: "u", password: "p"))
        #expect(throws: IMAPClientError.self) { try machine.run(.noop) }
        #expect(throws: IMAPClientError.self) { try machine.tagForAppend() }
    }
}
