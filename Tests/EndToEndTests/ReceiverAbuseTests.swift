import Foundation
import TestKit
import Testing

/// Clients that take more than they need, at the real binary. What each must not take is memory, descriptors or the others' sessions.
@Suite(.serialized)
struct ReceiverAbuseTests {
    private static let mib = 1 << 20
    /// Memory that a session may cost at its worst, and what else happens to be taken meanwhile.
    private static let toleratedKibibytes = 48 << 10

    private static func withServer(
        more: String = "", under wrapper: [String] = [],
        _ body: @escaping @Sendable (MailSite, LayoverServer) throws -> Void
    ) async throws {
        try await onThreadOfItsOwn {
            let site = try MailSite(more: "status_listen = \"off\"\n" + more)
            defer { site.remove() }
            let server = try site.layover.startServer(under: wrapper)
            defer { server.kill() }
            try body(site, server)
            #expect(try server.terminate() == .exited(0), "\(server.process.errorText.suffix(2000))")
            let faults = try site.faults()
            #expect(faults.isEmpty, "\(faults)")
        }
    }

    /// Begins a message behind the greeting, up to 354.
    private static func begin(_ socket: LoopbackSocket) throws {
        for line in ["HELO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<u0@example.test>", "DATA"] {
            try socket.write(line + "\r\n")
            _ = try socket.readLine()
        }
    }

    private static func line(_ socket: LoopbackSocket) throws -> String {
        String(decoding: try socket.readLine(), as: UTF8.self)
    }

    /// Sends one mail; gives its last code.
    private static func send(_ mail: OutgoingMail, by client: SMTPClient, _ site: MailSite) throws -> Int {
        site.oracle.willSend(mail)
        let outcome = try client.send(mail)
        if let id = outcome.acknowledgedID { site.oracle.didAcknowledge(mail, id: id) }
        return outcome.final.code
    }

    /// Sends `piece` again and again until so much is sent or the server closes; gives what the server says last.
    private static func pour(_ piece: [UInt8], upTo total: Int, into socket: LoopbackSocket) -> String {
        for _ in 0..<(total / piece.count) {
            do { try socket.write(piece) } catch { break }
        }
        return (try? socket.readLine()).map { String(decoding: $0, as: UTF8.self) } ?? "(nothing)"
    }

    private static func expectMailIsTaken(_ site: MailSite, _ server: LayoverServer) throws {
        var sender = FaultSender(site, port: server.port)
        sender.send(sizes: [2_000])
        #expect(sender.lastCode == 250)
    }

    @Test("R01: connections without end that say nothing are told 421, and a session that was there goes on")
    func idleConnections() async throws {
        // Shells give 1,024 descriptors, and other tests run beside this one.
        let count = TestRounds.isLong ? 5_000 : 300
        try await Self.withServer(more: "max_sessions = 150") { site, server in
            let good = try SMTPClient(port: server.port)
            var (open, codes): ([LoopbackSocket], [String: Int]) = ([], [:])
            for _ in 0..<count {
                let socket = try LoopbackSocket(port: server.port)
                codes[String(decoding: try socket.readLine().prefix(9), as: UTF8.self), default: 0] += 1
                open.append(socket)
            }
            #expect(codes["220 mx.ex"] ?? 0 >= 120, "\(codes)")
            #expect(codes["421 4.3.2"] ?? 0 >= count - 200, "\(codes)")
            #expect(codes.count == 2, "\(codes)")
            #expect(try good.command("NOOP").code == 250)
            var samples = SampleMail(seed: 1)
            #expect(try Self.send(samples.next(to: ["u1@example.test"]), by: good, site) == 250)
            open = []
            _ = try eventually("a place is free again", within: .seconds(30)) { try? SMTPClient(port: server.port) }
            #expect(!server.process.errorText.contains("Too many open files"))
            try server.expectLog("limit=max_sessions")
        }
    }

    @Test("R02: out of descriptors nothing ends: 451 where a file is needed, who comes waits, and all goes on after it")
    func descriptors() async throws {
        try await Self.withServer { site, server in
            let good = try SMTPClient(port: server.port)
            var samples = SampleMail(seed: 2)
            var waiting: [LoopbackSocket] = []
            // A first segment, then the file of a large message: neither can be opened.
            for (size, place) in [(2_000, "/segments/"), (3 << 20, "/large/")] {
                let mail = samples.large(size, to: ["u1@example.test"])
                try server.process.limitDescriptors(below: 1)
                waiting += try (0..<10).map { _ in try LoopbackSocket(port: server.port) }
                #expect(try Self.send(mail, by: good, site) == 451)
                try server.expectLog("message not stored", place, "LimitNOFILE=")
                try server.process.limitDescriptors(below: nil)
                #expect(try Self.send(mail.attempt(2), by: good, site) == 250)
            }
            for socket in waiting { #expect(try Self.line(socket).hasPrefix("220")) }
            try Self.expectMailIsTaken(site, server)
            #expect(server.process.poll() == nil)
        }
    }

    @Test(
        "R02: while accept fails for want of descriptors the listener waits between two tries, and sessions are served",
        .enabled(if: SystemCallInjector.isAvailable, "needs root and strace"))
    func backoff() async throws {
        try await Self.withServer { site, server in
            let good = try SMTPClient(port: server.port)
            let fault = SystemCallFault("accept4", "error=EMFILE", number: 1, toTheEnd: true)
            let injector = try SystemCallInjector(fault, into: server.process, of: site.layover)
            let waiting = try LoopbackSocket(port: server.port)
            try eventually("accept has failed", within: .seconds(20)) { injector.injections > 0 ? () : nil }
            // One that spins fails as often as the loop turns: some thousand times meanwhile.
            for _ in 0..<10 {
                for _ in 0..<90 { #expect(try good.command("NOOP").code == 250) }
                var samples = SampleMail(seed: 3)
                #expect(try Self.send(samples.next(to: ["u1@example.test"]), by: good, site) == 250)
            }
            #expect(injector.injections < 450)
            try server.expectLog("no connection can be taken", "limit=open_files")
            injector.end()
            #expect(try Self.line(waiting).hasPrefix("220"))
        }
    }

    @Test(
        "With too few descriptors for max_sessions there are fewer sessions, and a warning says how many and what to do"
    )
    func tooFewDescriptors() async throws {
        let prlimit = try #require(HostProgram.path("prlimit"))
        let descriptors = 64 + 4 * ProcessInfo.processInfo.activeProcessorCount
        try await Self.withServer(under: [prlimit, "--nofile=\(descriptors):\(descriptors)"]) { site, server in
            let warning = server.process.errorText.split(separator: "\n").first {
                $0.contains(" warning fewer sessions")
            }
            #expect(
                warning?.contains("max_sessions=2000") == true && warning?.contains("open-files=\(descriptors)") == true
            )
            #expect(
                warning?.contains("sessions=\(descriptors / 2)") == true && warning?.contains("LimitNOFILE=") == true)
            do {
                let open = try (0..<(2 * descriptors)).map { _ in try LoopbackSocket(port: server.port) }
                #expect(try Self.line(open[0]).hasPrefix("220"))
                try open[0].write("NOOP\r\n")
                #expect(try Self.line(open[0]).hasPrefix("250"))
            }
            try Self.expectMailIsTakenLater(site, server)
        }
    }

    /// Some connections may still be in the backlog, or just closed.
    private static func expectMailIsTakenLater(_ site: MailSite, _ server: LayoverServer) throws {
        _ = try eventually("there is room for a session", within: .seconds(60)) { try? SMTPClient(port: server.port) }
        try expectMailIsTaken(site, server)
    }

    @Test("R07: a command line without an end is refused at its cap, and costs no memory")
    func endlessCommand() async throws {
        try await Self.withServer { site, server in
            try Self.expectMailIsTaken(site, server)
            let before = server.process.peakKibibytes
            let socket = try LoopbackSocket(port: server.port)
            _ = try socket.readLine()
            let reply = Self.pour([UInt8](repeating: 0x78, count: Self.mib), upTo: 1 << 30, into: socket)
            #expect(reply.hasPrefix("500 5.5.2") || reply == "(nothing)", "\(reply)")
            try server.expectLog("limit=command_line")
            #expect(server.process.peakKibibytes - before < Self.toleratedKibibytes)
            try Self.expectMailIsTaken(site, server)
        }
    }

    @Test(
        "R08, R09: a message without an end, in one line or in many, is given up at twice the limit, and costs no memory",
        arguments: [String(repeating: "x", count: 1024), String(repeating: "x", count: 62) + "\r\n", "\r\n..", "\n"])
    func endlessMessage(piece: String) async throws {
        try await Self.withServer(more: "max_message_size = \"4 MiB\"\nmemory = \"4 MiB\"") { site, server in
            try Self.expectMailIsTaken(site, server)
            let before = server.process.peakKibibytes
            let socket = try LoopbackSocket(port: server.port)
            _ = try socket.readLine()
            try Self.begin(socket)
            // Behind the first octet, so that no dot stands in the first line.
            let octets = Array(String(repeating: piece, count: Self.mib / piece.utf8.count).utf8)
            try socket.write("x")
            let reply = Self.pour(octets, upTo: 1 << 30, into: socket)
            #expect(reply.hasPrefix("552 5.3.4") || reply == "(nothing)", "\(reply)")
            try server.expectLog("limit=max_message_size")
            #expect(server.process.peakKibibytes - before < Self.toleratedKibibytes)
            try Self.expectMailIsTaken(site, server)
        }
    }

    @Test("R13: messages given up at their very end leave no file and no descriptor, and the client is told to wait")
    func abortedMessages() async throws {
        let settings = "proxy_networks = [\"127.0.0.0/8\"]\n[receive.limits]\naborts_per_minute = 20"
        try await onThreadOfItsOwn {
            let site = try MailSite(more: "status_listen = \"off\"\n" + settings)
            defer { site.remove() }
            let server = try site.layover.startServer()
            defer { server.kill() }
            let proxy = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n"
            var descriptors = 0
            var refusal = ""
            for round in 1...100 where refusal.isEmpty {
                let socket = try LoopbackSocket(port: server.port)
                try socket.write(proxy)
                let greeting = try Self.line(socket)
                guard greeting.hasPrefix("220") else {
                    refusal = greeting
                    continue
                }
                try Self.begin(socket)
                try socket.write([UInt8](repeating: 0x78, count: 3 * Self.mib))
                if round == 5 { descriptors = server.process.openDescriptors }
            }
            #expect(refusal.hasPrefix("421 4.7.0"))
            let large = site.spool.appending(path: "large").path
            try eventually("nothing of them is left", within: .seconds(30)) {
                let files = try FileManager.default.contentsOfDirectory(atPath: large)
                return files.isEmpty && server.process.openDescriptors <= descriptors + 2 ? () : nil
            }
            let other = try LoopbackSocket(port: server.port)
            try other.write("PROXY TCP4 198.51.100.1 198.51.100.2 56324 25\r\n")
            #expect(try Self.line(other).hasPrefix("220"))
            try server.expectLog("limit=aborts_per_minute")
            #expect(try server.terminate() == .exited(0))
        }
    }
}
