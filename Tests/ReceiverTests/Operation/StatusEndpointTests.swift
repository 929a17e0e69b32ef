import Logging
import NIOCore
import NIOPosix
import Spool
import Synchronization
import Testing

@testable import Receiver

@Suite("The receiver's own metrics and health", .timeLimit(.minutes(10)))
struct StatusEndpointTests {
    /// Runs `body` with a receiver whose disk a test can stop, and the address of its endpoint.
    private func run(
        patience: TimeAmount = .milliseconds(200), listening: Bool = true,
        _ body: (ReceiverFixture, SocketAddress) async throws -> Void
    ) async throws {
        var limits = ReceiverLimits()
        limits.diskPatience = patience
        var configuration = ReceiverFixture.configuration(limits)
        configuration.statusListener = .init(host: "127.0.0.1", port: 0)
        let fixture = try ReceiverFixture(configuration)
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let operation = ReceiverOperation(
            environment: fixture.environment, known: KnownRecipients(layout: fixture.spool.layout), pool: pool,
            layout: fixture.spool.layout, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { listening }
        let (addresses, source) = AsyncStream.makeStream(of: SocketAddress.self)
        let serving = Task { await operation.runStatusEndpoint { source.yield($0) } }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        do { try await body(fixture, address) } catch {
            Issue.record(error)
        }
        serving.cancel()
        await serving.value
        operation.stop()
        await fixture.close()
        try await pool.shutdownGracefully()
    }

    @Test("A receiver that can commit is ready and alive")
    func ready() async throws {
        try await run { _, address in
            let ready = try await HTTPProbe.get("/readyz", at: address)
            #expect(ready.status == 200 && ready.body == "ready\n", "\(ready)")
            #expect(try await HTTPProbe.get("/livez", at: address).status == 200)
        }
    }

    @Test(
        "A disk that hangs under a commit or under the probe makes it not ready, and it is again when the disk goes on")
    func hangingDisk() async throws {
        try await run { fixture, address in
            fixture.disk.probeGate.close()
            let hung = try await HTTPProbe.get("/readyz", at: address)
            #expect(hung.status == 503 && hung.body.contains("has not synced one octet"), "\(hung)")
            // While it hangs, no second probe piles up behind the first, and the answer still comes.
            #expect(try await HTTPProbe.get("/readyz", at: address).status == 503)
            #expect(try await HTTPProbe.get("/livez", at: address).status == 200)
            fixture.disk.probeGate.open()
            #expect(try await HTTPProbe.get("/readyz", at: address).status == 200)
        }
    }

    @Test("Below the floor of free space, or while no mail is taken, it is not ready and says why")
    func notReady() async throws {
        try await run { fixture, address in
            fixture.disk.setFree(bytes: 1)
            try fixture.refreshSpace()
            let low = try await HTTPProbe.get("/readyz", at: address)
            #expect(low.status == 503 && low.body.contains("spool.min_free"), "\(low)")
        }
        try await run { fixture, address in
            fixture.disk.setFree(bytes: 1 << 37)
            try fixture.refreshSpace()
            let message = try #require(fixture.environment.space.reserve(declared: 0))
            #expect(message.cover(fixture.environment.space.roomBytes))
            let filled = try await HTTPProbe.get("/readyz", at: address)
            #expect(filled.status == 503 && filled.body.contains("are arriving fill the room"), "\(filled)")
            message.giveBack()
            #expect(try await HTTPProbe.get("/readyz", at: address).status == 200)
        }
        try await run(listening: false) { _, address in
            let stopped = try await HTTPProbe.get("/readyz", at: address)
            #expect(stopped.status == 503 && stopped.body.contains("no mail is taken"), "\(stopped)")
        }
    }

    @Test("A disk that fails makes it not ready")
    func failingDisk() async throws {
        try await run { fixture, address in
            fixture.disk.fail(.sync, in: "locks", with: 5)
            let failed = try await HTTPProbe.get("/readyz", at: address)
            #expect(failed.status == 503 && failed.body.contains("cannot be written"), "\(failed)")
        }
    }

    @Test("The metrics tell what sessions did, with nobody's address in them")
    func metrics() async throws {
        try await run { fixture, address in
            let listening = try await fixture.listener.bind(to: [.init(host: "127.0.0.1", port: 0)])
            let client = try await SMTPTestClient.connect(to: listening[0])
            try await client.beginMessage()
            #expect(try await client.command("Subject: x\r\n\r\n.")?.hasPrefix("250") == true)
            #expect(try await client.command("MAIL FROM:<a@b.test>")?.hasPrefix("250") == true)
            #expect(try await client.command("RCPT TO:<u@elsewhere.test>")?.hasPrefix("550") == true)
            #expect(try await client.command("NONSENSE")?.hasPrefix("500") == true)
            let page = try await HTTPProbe.get("/metrics", at: address)
            #expect(page.status == 200)
            for (name, value) in [
                ("layover_receiver_sessions", 1), ("layover_receiver_messages_accepted_total", 1),
                ("layover_receiver_recipients_refused_total", 1),
                ("layover_receiver_refusals_total{code=\"550\"}", 1),
                ("layover_receiver_refusals_by_class_total{class=\"5xx\"}", 2),
                ("layover_receiver_refusals_by_class_total{class=\"4xx\"}", 0),
                ("layover_spool_commits_total", 1), ("layover_spool_commit_seconds_count", 1),
                ("layover_spool_commit_seconds_bucket{le=\"+Inf\"}", 1), ("layover_spool_queue_messages", 0),
                ("layover_receiver_dns_unasked_total{for=\"blocklists\"}", 0),
                ("layover_receiver_dns_unasked_total{for=\"names\"}", 0),
                ("layover_receiver_limit_hits_total{limit=\"sessions_per_client\"}", 0),
            ] {
                #expect(page.metric(name) == Double(value), "\(name)")
            }
            #expect(!page.body.contains("127.0.0.1") && !page.body.contains("example.com"))
            #expect(page.body.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("layover_") })
        }
    }

    @Test(
        "Only a loopback name is answered, only GET and HEAD, only what is there",
        arguments: [
            ("GET", "/metrics", "Host: evil.example\r\n", 421),
            ("GET", "/metrics", "Host: 127.0.0.1.evil.example\r\n", 421),
            ("GET", "/metrics", "Host: localhost\r\nHost: evil.example\r\n", 421),
            ("GET", "/livez", "Host: [::1]:8026\r\n", 200), ("GET", "/livez", "Host: 127.0.0.1:8026\r\n", 200),
            ("POST", "/livez", "Host: localhost\r\n", 405), ("HEAD", "/livez", "Host: localhost\r\n", 200),
            ("GET", "http://127.0.0.1/livez", "Host: 127.0.0.1\r\n", 200), ("GET", "http://127.0.0.1", "", 404),
            ("GET", "/", "Host: localhost\r\n", 404), ("GET", "/livez?x=1", "Host: localhost\r\n", 200),
        ])
    func requests(_ method: String, _ path: String, _ headers: String, _ status: Int) async throws {
        try await run { _, address in
            let answer = try await HTTPProbe.get(path, at: address, method: method, headers: headers)
            #expect(answer.status == status, "\(answer)")
            #expect(answer.head.contains("\r\nallow: GET, HEAD") == (status == 405))
        }
    }

    @Test("A request without end is cut off")
    func endlessRequest() async throws {
        try await run { _, address in
            let headers = (0..<1_000).map { "X-\($0): \(String(repeating: "y", count: 100))\r\n" }.joined()
            let answer = try await HTTPProbe.get("/livez", at: address, headers: headers)
            #expect(answer.status != 200)
        }
    }
}
