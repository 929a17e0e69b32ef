import Foundation
import TestKit
import Testing

/// Every system call that touches the disk fails once, at its first, second, third… time, as a dying or full disk makes it fail.
///
/// `strace` does it, so whole calls fail or are never made. Short writes come from a disk that is full, see `DiskFaultTests`.
@Suite(.serialized, .enabled(if: SystemCallInjector.isAvailable, "needs root and strace"))
struct SystemCallFaultTests {

    private static let everydayOfReceive = [
        SystemCallFault("fdatasync", "error=EIO", number: 2),
        SystemCallFault("pwritev", "error=ENOSPC", number: 1),
        SystemCallFault("rename", "error=EIO", number: 1),
        SystemCallFault("openat", "error=EMFILE", number: 1),
        SystemCallFault("fdatasync,pwritev,rename,openat", "signal=SIGKILL", number: 3),
    ]

    private static let allOfReceive =
        [
            ("fdatasync", ["EIO", "ENOSPC", "EDQUOT", "EINTR"]), ("fsync", ["EIO", "ENOSPC"]),
            ("pwritev", ["EIO", "ENOSPC", "EDQUOT", "EFBIG", "EINTR", "EROFS"]),
            ("rename", ["EIO", "ENOSPC", "EROFS"]),
            ("openat", ["EMFILE", "ENFILE", "EIO", "ENOSPC", "EROFS", "ENOMEM", "EACCES"]), ("ftruncate", ["EIO"]),
            ("statfs", ["EIO"]), ("newfstatat,fstat", ["EIO"]), ("unlink", ["EIO"]), ("fadvise64", ["EIO"]),
        ].flatMap { calls, errors in errors.map { SystemCallFault(calls, "error=\($0)", number: 1) } } + [
            SystemCallFault("pwritev", "retval=0", number: 1),
            SystemCallFault("fdatasync,fsync,pwritev,rename,openat,ftruncate", "signal=SIGKILL", number: 1),
            SystemCallFault("pwritev", "error=ENOSPC", number: 1, toTheEnd: true),
            SystemCallFault("openat", "error=EMFILE", number: 1, toTheEnd: true),
            SystemCallFault("fdatasync", "error=EIO", number: 1, toTheEnd: true),
        ]

    @Test(
        "A call that fails under the receiver costs no acknowledged mail, refuses none for good, and ends in order",
        arguments: TestRounds.isLong ? allOfReceive : everydayOfReceive)
    func receiver(_ fault: SystemCallFault) async throws {
        try await onThreadOfItsOwn {
            for number in fault.number...max(fault.number, TestRounds.isLong ? 12 : 0) {
                guard try Self.failReceiver(fault.at(number)) > 0 else { return }
            }
        }
    }

    /// Returns how often the fault came.
    private static func failReceiver(_ fault: SystemCallFault) throws -> Int {
        let site = try MailSite(segmentSize: "64 KiB")
        defer { site.remove() }
        let server = try site.layover.startServer()
        defer { server.kill() }
        var sender = FaultSender(site, port: server.port)
        sender.send(sizes: [2_000, 3_000])
        let injector = try SystemCallInjector(fault, into: server.process, of: site.layover)
        sender.send(sizes: [3_000, 90_000, 1_600_000, 2_000, 2_000])
        #expect(sender.refusals.isEmpty, "\(fault): \(sender.refusals)")
        let ending = sender.isCutOff ? try? server.process.wait(within: .seconds(20)) : server.process.poll()
        let errors = server.process.errorText
        switch ending {
        case nil:
            #expect(!sender.isCutOff, "\(fault): the sessions are gone, the process is not")
            injector.end()
            sender.send(sizes: [2_000])
            #expect(sender.lastCode == 250, "\(fault) is over, and mail still gets \(sender.lastCode)")
            #expect(try server.terminate() == .exited(0), "\(fault): \(errors.suffix(1000))")
        case .exited(let status):
            #expect(status == 74, "\(fault): \(errors.suffix(1000))")
            let last = errors.split(separator: "\n").last.map(String.init) ?? ""
            #expect(last.hasPrefix("layover: ") && last.contains(site.spool.path), "\(fault): \(last)")
            #expect(last.contains("; "), "no remedy in: \(last)")
        case .killed(let signal): #expect(fault.isKill && signal == SIGKILL, "\(fault): \(errors.suffix(1000))")
        }
        let restarted = try site.layover.startServer()
        sender = FaultSender(site, port: restarted.port)
        sender.send(sizes: [2_000])
        #expect(sender.lastCode == 250, "after \(fault) mail gets \(sender.lastCode)")
        #expect(try restarted.terminate() == .exited(0))
        let faults = try site.faults()
        #expect(faults.isEmpty, "\(fault): \(faults.joined(separator: "\n"))")
        return injector.injections
    }
}

/// One sender that goes on through refusals and lost connections.
struct FaultSender {
    private let site: MailSite
    private let port: UInt16
    private var client: SMTPClient?
    private var samples: SampleMail
    /// Replies of 500 and above: a fault of ours must never be told as the sender's.
    private(set) var refusals: [String] = []
    /// What the last mail got; 0 where the connection was lost.
    private(set) var lastCode = 0
    /// Nobody takes connections any more.
    private(set) var isCutOff = false

    init(_ site: MailSite, port: UInt16) {
        self.site = site
        self.port = port
        samples = SampleMail(seed: TestSeed.value)
    }

    /// Sends a mail of each size, each tried twice.
    mutating func send(sizes: [Int]) {
        for size in sizes {
            let mail = samples.large(size, to: ["u1@example.test"])
            for attempt in 1...2 where !tryOnce(mail.attempt(attempt)) { continue }
        }
    }

    /// True when it was taken, or never will be.
    private mutating func tryOnce(_ mail: OutgoingMail) -> Bool {
        guard !isCutOff else { return true }
        lastCode = 0
        do {
            let client = try client ?? SMTPClient(port: port)
            self.client = client
            site.oracle.willSend(mail)
            let outcome = try client.send(mail)
            lastCode = outcome.sender.isPositive ? outcome.final.code : outcome.sender.code
            if lastCode >= 500 { refusals.append("\(outcome)") }
            guard let id = outcome.acknowledgedID else { return false }
            site.oracle.didAcknowledge(mail, id: id)
            return true
        } catch {
            client = nil
            isCutOff = (try? SMTPClient(port: port)) == nil
            return isCutOff
        }
    }
}
