import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import Testing

@testable import Console

@Suite("The console on a socket", .timeLimit(.minutes(10)))
struct LiveConsoleTests {
    /// What a server answers to raw octets until it closes; the writing side is shut after them if `ends`.
    private func exchange(_ request: String, port: Int, ends: Bool = true) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Result { try RawConnection.exchange(request, port: port, ends: ends) })
            }
            thread.start()
        }
    }

    @Test("Only our own names are answered: a foreign Host gets 421, none or two get 400")
    func hosts() async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy), allowedHosts: ["console.example.com"]) {
            port in
            for (hosts, status) in [
                (["127.0.0.1:\(port)"], 200), (["localhost:\(port)"], 200), (["console.example.com"], 200),
                (["evil.example:\(port)"], 421),
                (["127.0.0.1.evil.example"], 421), ([], 400), (["localhost", "evil.example"], 400),
                (["evil.example", "localhost"], 400),
            ] {
                for path in ["/", "/metrics", "/livez", "/readyz", "/style.css"] {
                    let lines = hosts.map { "Host: \($0)\r\n" }.joined()
                    let answer = try await exchange(
                        "GET \(path) HTTP/1.1\r\n\(lines)Connection: close\r\n\r\n", port: port)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(path) \(hosts)")
                    #expect(status == 200 || !answer.contains("layover_"))
                }
            }
        }
    }

    @Test(
        "A request with a body gets its answer and the connection ends before the body came",
        arguments: ["GET", "POST"])
    func body(method: String) async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let answer = try await exchange(
                "\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n", port: port, ends: false)
            #expect(answer.hasPrefix(method == "GET" ? "HTTP/1.1 413 " : "HTTP/1.1 405 "))
        }
    }

    @Test(
        "A length beside a transfer coding is refused",
        arguments: ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Content-Length: 4\r\nContent-Length: 5"])
    func smuggling(fields: String) async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let answer = try await exchange(
                "GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                port: port)
            #expect(answer.hasPrefix("HTTP/1.1 4"))
            #expect(!answer.contains("layover_"))
        }
    }

    @Test("Headers over the limits are refused")
    func headers() async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let long = String(repeating: "x", count: ConsoleLimits.headerFieldBytes + 1)
            let many = (0...ConsoleLimits.headerFields).map { "X-\($0): y\r\n" }.joined()
            for fields in ["X-Long: \(long)\r\n", many] {
                let answer = try await exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n", port: port)
                #expect(!answer.hasPrefix("HTTP/1.1 200"))
            }
            #expect(
                try await exchange("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", port: port)
                    .hasSuffix("alive\n"))
        }
    }

    @Test("It ends cleanly while a connection is kept open")
    func shutdown() async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let client = TestClient(host: "127.0.0.1", port: port)
            client.connect()
            let response = try await client.execute(.init("/livez", method: .get, authority: "localhost"))
            #expect(response.status == .ok)
        }
    }

    @Test("An address that is taken is an error that names it")
    func taken() async throws {
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let second = ConsoleService(
                configuration: try ConsoleConfiguration(host: "127.0.0.1", port: port),
                source: FixedSource(SampleStatus.healthy),
                logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: ConsoleError.self) { try await second.run() }
            #expect(error?.code == .listen)
            #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        }
    }

    @Test("Beside a receiver an address that is taken is waited for, and had when it is free")
    func patient() async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let (second, hasStarted) = AsyncStream.makeStream(of: Task<Void, any Error>.self)
        try await RunningConsole.with(FixedSource(SampleStatus.healthy)) { port in
            let console = ConsoleService(
                configuration: try ConsoleConfiguration(host: "127.0.0.1", port: port),
                source: FixedSource(SampleStatus.healthy),
                logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }, isPatient: true
            ) { found.yield($0) }
            hasStarted.yield(Task { try await console.run() })
            // Long enough for its first attempt, which fails.
            try await Task.sleep(for: .milliseconds(200))
        }
        let running = try #require(await second.first { _ in true })
        #expect(await ports.first { _ in true } != nil)
        running.cancel()
        _ = await running.result
    }
}
