import Foundation
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Layover

@Suite("What systemd is told")
struct ServiceNotifierTests {
    /// A datagram socket, as systemd has it, under a path or an abstract name.
    private final class NotifySocket {
        let name: String
        private let descriptor: Int32

        init(isAbstract: Bool) throws {
            let unique = "layover-notify-\(UUID().uuidString)"
            name = isAbstract ? "@\(unique)" : NSTemporaryDirectory() + unique
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            // sockaddr_un: the family, then the name.
            let address = [UInt8(AF_UNIX), 0] + (isAbstract ? [0] + Array(unique.utf8) : Array(name.utf8) + [0])
            let descriptor = self.descriptor
            let result = address.withUnsafeBytes { bytes in
                bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
            }
            try #require(result == 0, "\(String(cString: strerror(errno)))")
        }

        deinit {
            close(descriptor)
            if name.hasPrefix("/") { unlink(name) }
        }

        /// The next datagram that is there already.
        func next() -> String? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    @Test("Ready, stopping, status and pings arrive, at a path and at an abstract name", arguments: [false, true])
    func messages(_ isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let notifier = ServiceNotifier(socket: socket.name)
        #expect(notifier.isSupervised)
        notifier.ready("taking mail")
        notifier.status("waiting", extending: .seconds(60))
        notifier.watchdog()
        notifier.stopping("draining")
        #expect(socket.next() == "READY=1\nSTATUS=taking mail")
        #expect(socket.next() == "STATUS=waiting\nEXTEND_TIMEOUT_USEC=60000000")
        #expect(socket.next() == "WATCHDOG=1")
        #expect(socket.next() == "STOPPING=1\nSTATUS=draining")
        #expect(socket.next() == nil)
    }

    @Test(
        "Without a socket, or with one that is none, nothing happens",
        arguments: [nil, "", "relative", "@", "/", "/nowhere/at/all", "/" + String(repeating: "x", count: 200)])
    func nobody(_ name: String?) {
        ServiceNotifier(socket: name).ready("ready")
    }

    @Test("The watchdog is pinged while event loops turn and the writer goes on, and not while it is stuck at a commit")
    func watchdog() async throws {
        let socket = try NotifySocket(isAbstract: true)
        func service(stalledFor stall: Duration) -> WatchdogService {
            WatchdogService(
                interval: .seconds(20), group: MultiThreadedEventLoopGroup.singleton,
                notifier: ServiceNotifier(socket: socket.name),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) { stall }
        }
        await service(stalledFor: .seconds(9)).look()
        #expect(socket.next() == "WATCHDOG=1")
        await service(stalledFor: .seconds(10)).look()
        #expect(socket.next() == nil)
    }

    @Test("An event loop that does not turn gets no ping")
    func stuckLoop() async throws {
        let socket = try NotifySocket(isAbstract: true)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let gate = DispatchSemaphore(value: 0)
        group.next().execute { gate.wait() }
        let watchdog = WatchdogService(
            interval: .milliseconds(200), group: group, notifier: ServiceNotifier(socket: socket.name),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { .zero }
        await watchdog.look()
        #expect(socket.next() == nil)
        gate.signal()
        try await group.shutdownGracefully()
    }

    @Test("The watchdog's time is systemd's, for this process only")
    func interval() {
        #expect(WatchdogService.interval(microseconds: "30000000", processID: nil, ownID: 7) == .seconds(30))
        #expect(WatchdogService.interval(microseconds: "30000000", processID: "7", ownID: 7) == .seconds(30))
        for (time, process) in [(nil, nil), ("0", nil), ("x", nil), ("1", "8"), ("-1", nil)] as [(String?, String?)] {
            #expect(WatchdogService.interval(microseconds: time, processID: process, ownID: 7) == nil)
        }
    }
}
