import Foundation
import Synchronization
import TestKit
import Testing

/// Little memory, and none: the kernel ends what takes too much.
@Suite(.serialized, .enabled(if: MemoryGroup.isAvailable, "needs root and the memory cgroup of version 1"))
struct ReceiverMemoryTests {
    @Test("R05: more large messages at once than there is memory: each is taken or put off, and nobody is ended")
    func manyLargeMessages() async throws {
        try await onThreadOfItsOwn {
            let group = try #require(MemoryGroup(mebibytes: 256))
            let site = try MailSite(more: "status_listen = \"off\"\nmemory = \"16 MiB\"")
            defer { site.remove() }
            let server = try site.layover.startServer(under: group.wrapper(isVictim: true))
            defer { server.kill() }
            let body = Array(String(repeating: String(repeating: "x", count: 78) + "\r\n", count: 100_000).utf8)
            let replies = Mutex<[String]>([])
            Self.inParallel(TestRounds.isLong ? 200 : 40) { number in
                let reply = (try? Self.send(body, to: server.port)) ?? "(lost)"
                replies.withLock { $0.append(reply) }
            }
            let told = replies.withLock { $0 }
            #expect(told.allSatisfy { $0.hasPrefix("250 ") || $0.hasPrefix("4") }, "\(told)")
            let ids = told.filter { $0.hasPrefix("250 ") }.map { String($0.suffix(26)) }
            #expect(!ids.isEmpty, "\(told)")
            #expect(server.process.poll() == nil)
            #expect(try server.terminate() == .exited(0))
            let spool = try SpoolByHand(site.spool)
            #expect(spool.damaged.isEmpty && Set(spool.messages.keys) == Set(ids))
            #expect(spool.messages.values.allSatisfy { $0.count > body.count })
            try EndToEnd.expect(site.layover.run(["fsck"]), status: 0)
        }
    }

    /// Gives the reply to the final dot, or the first that is none of a message's way.
    private static func send(_ body: [UInt8], to port: UInt16) throws -> String {
        let socket = try LoopbackSocket(port: port, silence: .seconds(120))
        var reply = String(decoding: try socket.readLine(), as: UTF8.self)
        for line in ["HELO c.test", "MAIL FROM:<a@b.test>", "RCPT TO:<u0@example.test>", "DATA"] {
            guard reply.hasPrefix("2") else { return reply }
            try socket.write(line + "\r\n")
            reply = String(decoding: try socket.readLine(), as: UTF8.self)
        }
        guard reply.hasPrefix("354") else { return reply }
        try socket.write(body)
        try socket.write(".\r\n")
        return String(decoding: try socket.readLine(), as: UTF8.self)
    }

    @Test("R06: ended by the kernel for want of memory, no acknowledged mail is lost")
    func outOfMemory() async throws {
        try await onThreadOfItsOwn {
            let group = try #require(MemoryGroup(mebibytes: 256))
            let site = try MailSite(more: "status_listen = \"off\"")
            defer { site.remove() }
            let server = try site.layover.startServer(under: group.wrapper(isVictim: true))
            defer { server.kill() }
            var sender = FaultSender(site, port: server.port)
            sender.send(sizes: [2_000, 90_000, 1_600_000])
            #expect(sender.lastCode == 250)
            // It takes what the group has left, and more; the receiver goes first.
            let output = site.layover.directory.appending(path: "output/hog")
            let hog = try ChildProcess(
                group.wrapper()[0], Array(group.wrapper().dropFirst()) + ["tail", "/dev/zero"], standardOutput: output,
                standardError: output)
            defer { hog.kill() }
            while server.process.poll() == nil { sender.send(sizes: [2_000, 300_000]) }
            #expect(server.process.poll() == .killed(by: SIGKILL))
            hog.kill()
            let restarted = try site.layover.startServer()
            defer { restarted.kill() }
            var again = FaultSender(site, port: restarted.port)
            again.send(sizes: [2_000])
            #expect(again.lastCode == 250)
            #expect(try restarted.terminate() == .exited(0))
            let faults = try site.faults()
            #expect(faults.isEmpty, "\(faults)")
        }
    }

    private static func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let group = DispatchGroup()
        for number in 0..<count {
            group.enter()
            Thread.detachNewThread {
                body(number)
                group.leave()
            }
        }
        group.wait()
    }
}
