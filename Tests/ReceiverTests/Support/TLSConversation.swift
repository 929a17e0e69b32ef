import Foundation
import NIOCore
import TestKit

/// A foreign TLS client (Python's) that says exactly what a test says, record by record, and in clear where it should not.
///
/// A conversation is a list of steps, each a word and an argument; what the server says is collected and given back as the
/// codes of its replies inside TLS, then `clear:` and what came in clear, if anything, then `end`.
enum TLSConversation {
    /// - Parameter conversations: of each the steps: `send` octets in one record, `bytes` a record for each octet, `reply` waits for
    ///   one, `notify` close_notify, `fin` the end of our side of TCP, `clear` octets outside TLS.
    /// - Returns: for each conversation what came back, one line.
    static func run(_ conversations: [[(String, String)]], port: Int) async throws -> (isSuccess: Bool, lines: [String])
    {
        let coded = conversations.map { steps in
            steps.map { "\($0.0) \(Data($0.1.utf8).base64EncodedString())" }.joined(separator: "\n")
        }
        let input = Data(coded.joined(separator: "\n\n").utf8).base64EncodedString()
        let run = try await HostProgram.finished("python3", ["-c", script, String(port), input])
        return (run.isSuccess, run.text.split(separator: "\n").map(String.init))
    }

    private static let script = """
        import sys, socket, ssl, base64
        context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
        def talk(steps):
            tcp = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
            tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines = tcp.makefile("rb"); lines.readline()
            tcp.sendall(b"EHLO python.test\\r\\n")
            while lines.readline()[3:4] == b"-": pass
            tcp.sendall(b"STARTTLS\\r\\n"); assert lines.readline()[:3] == b"220"
            inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(inward, outward)
            def flush():
                octets = outward.read()
                if octets: tcp.sendall(octets)
            def feed():
                octets = tcp.recv(65536)
                if octets: inward.write(octets)
                else: inward.write_eof()
                return bool(octets)
            while True:
                try: tls.do_handshake(); flush(); break
                except ssl.SSLWantReadError: flush(); feed()
            seen, text = [], b""
            def take():
                nonlocal text
                while b"\\r\\n" in text:
                    line, text = text.split(b"\\r\\n", 1)
                    if line[3:4] != b"-": seen.append(line[:3].decode())
            def read():
                nonlocal text
                try:
                    octets = tls.read(65536)
                    if not octets: return False
                    text += octets; take(); return True
                except ssl.SSLWantReadError:
                    flush(); return feed() or None
                except (ssl.SSLError, OSError): return False
            try:
                for step in steps:
                    word, _, argument = step.partition(" "); octets = base64.b64decode(argument)
                    if word == "send": tls.write(octets); flush()
                    elif word == "bytes":
                        for octet in octets: tls.write(bytes([octet])); flush()
                    elif word == "reply":
                        count = len(seen)
                        while len(seen) == count and read() is not False: pass
                    elif word == "notify":
                        try: tls.unwrap()
                        except ssl.SSLError: pass
                        flush()
                    elif word == "fin": tcp.shutdown(socket.SHUT_WR)
                    elif word == "clear": tcp.sendall(octets)
                while True:
                    if read() is False: break
            except (OSError, ssl.SSLError): pass
            print(" ".join(seen + ["end"]))
        for conversation in base64.b64decode(sys.argv[2]).decode().split("\\n\\n"): talk(conversation.split("\\n"))
        """
}
