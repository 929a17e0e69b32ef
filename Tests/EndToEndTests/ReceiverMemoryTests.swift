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
            let codes = Mutex<[Int: Int]>([:])
            let senders = TestRounds.isLong ? 200 : 40
            Self.inParallel(senders) { number in
                var samples = SampleMail(seed: UInt64(number))
                let mail = samples.large(10 << 20, to: ["u\(number % 20)@example.test"])
                site.oracle.willSend(mail)
                guard let outcome = try? SMTPClient(port: server.port).send(mail) else {
                    return codes.withLock { $0[0, default: 0] += 1 }
                }
                if let id = outcome.acknowledgedID { site.oracle.didAcknowledge(mail, id: id) }
                let code = outcome.sender.isPositive ? outcome.final.code : outcome.sender.code
                codes.withLock { $0[code, default: 0] += 1 }
            }
            let told = codes.withLock { $0 }
            #expect(told.keys.allSatisfy { $0 == 250 || (400..<500).contains($0) }, "\(told)")
            #expect(told[250] ?? 0 > 0, "\(told)")
            #expect(server.process.poll() == nil)
            #expect(try server.terminate() == .exited(0))
            let faults = try site.faults()
            #expect(faults.isEmpty, "\(faults)")
        }
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
