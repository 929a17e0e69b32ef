import MailModel
import NIOCore
import SMTPProtocol
import Testing

@Suite("Replies on the wire")
struct SMTPReplyTests {
    private func wire(_ reply: SMTPReply) -> String {
        var buffer = ByteBuffer()
        reply.write(to: &buffer)
        return String(buffer: buffer)
    }

    @Test("The acceptance ends with the message's id")
    func accepted() {
        let id = ScriptedSession.messageID
        #expect(wire(.accepted(id)) == "250 2.0.0 Ok: queued as \(id)\r\n")
    }

    @Test("An enhanced code with several digits is written whole")
    func storage() {
        #expect(wire(.insufficientStorage).hasPrefix("452 4.3.1 "))
        #expect(wire(.startMessage).hasPrefix("354 Send"))
    }

    @Test("The answer to EHLO has one line an extension")
    func ehlo() {
        var machine = SMTPServerStateMachine(
            configuration: SMTPServerConfiguration(
                hostname: "mx1.example.com", maximumMessageSize: .mib(25), offersSTARTTLS: true))
        _ = machine.connected()
        guard case .reply(let reply) = machine.commandReceived(.ehlo("a"), moreInputIsBuffered: false) else {
            Issue.record("no reply")
            return
        }
        #expect(
            wire(reply) == "250-mx1.example.com\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250-8BITMIME\r\n"
                + "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-SMTPUTF8\r\n"
                + "250-LIMITS MAILMAX=999999 RCPTMAX=1000\r\n250 STARTTLS\r\n")
    }

    @Test("No reply line is longer than 512 octets, and our own faults are temporary")
    func lengthsAndClasses() {
        let ours: [SMTPReply] = [
            .insufficientStorage, .storageError, .directoryUnavailable, .shuttingDown, .overloaded,
            .storeUnavailable,
            .outOfStep, .tlsUnavailable,
        ]
        for reply in ours {
            #expect(reply.code / 100 == 4)
            #expect(wire(reply).utf8.count <= 512)
        }
    }
}
