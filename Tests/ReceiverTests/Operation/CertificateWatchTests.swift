import Foundation
import Logging
import MailModel
import NIOCore
import Spool
import Synchronization
import SystemTLS
import TestKit
import Testing

@testable import Receiver

@Suite("Certificates that change", .timeLimit(.minutes(10)))
struct CertificateWatchTests {
    /// Writes a new pair in place of the one before.
    private static func issue(_ name: String, in spool: TestSpool, days: Int = 90) async throws -> (
        certificate: String, key: String
    ) {
        let (certificate, key) = (spool.layout.directory + "/\(name).pem", spool.layout.directory + "/\(name).key")
        let made = try await HostProgram.finished(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "\(days)",
                "-subj", "/CN=mx1.example.com", "-keyout", key, "-out", certificate,
            ])
        try #require(made.isSuccess, "\(made.text)")
        return (certificate, key)
    }

    private static func replace(_ path: String, with other: String) throws {
        guard rename(other, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    @Test("A new pair is read, half a pair is not and is complained of once, and then the whole one is")
    func reload() async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool)
        let renewed = try await Self.issue("renewed", in: spool, days: 60)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let log = RecordedLog()
        let watch = CertificateWatch(identity, logger: log.logger)
        let first = identity.current
        #expect(watch.look() == .unchanged)
        #expect(identity.current === first)
        try Self.replace(live.certificate, with: renewed.certificate)
        #expect(watch.look() == .kept)
        #expect(watch.look() == .unchanged)
        #expect(identity.current === first)
        #expect(log.messages(at: .error).count == 1)
        try Self.replace(live.key, with: renewed.key)
        #expect(watch.look() == .renewed)
        #expect(identity.current !== first && identity.current.expiresAt < first.expiresAt)
        #expect(watch.look(always: true) == .renewed)
        try FileManager.default.removeItem(atPath: live.key)
        #expect(watch.look() == .kept)
        #expect(watch.look(always: true) == .kept)
    }

    @Test("A pair that came while the receiver waited to begin is found by the first look")
    func changedBeforeTheStart() async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool)
        let renewed = try await Self.issue("renewed", in: spool, days: 60)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let first = identity.current
        try Self.replace(live.certificate, with: renewed.certificate)
        try Self.replace(live.key, with: renewed.key)
        let watch = CertificateWatch(identity, logger: RecordedLog().logger)
        #expect(watch.look() == .renewed)
        #expect(identity.current.expiresAt < first.expiresAt)
        #expect(watch.look() == .unchanged)
    }

    @Test(
        "Once a day the keys of session tickets change, without a word; files that have become bad are not complained of again"
    )
    func ticketKeys() async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let log = RecordedLog()
        let start = Timestamp.now()
        let hours = Mutex(0)
        let watch = CertificateWatch(identity, logger: log.logger) {
            Timestamp(milliseconds: start.milliseconds + Int64(hours.withLock { $0 }) * 3_600_000)
        }
        func look(after number: Int) -> CertificateWatch.Outcome {
            hours.withLock { $0 = number }
            return watch.look()
        }
        let first = identity.current
        #expect(look(after: 23) == .unchanged)
        #expect(identity.current === first)
        #expect(look(after: 24) == .rekeyed)
        let second = identity.current
        #expect(second !== first)
        #expect(look(after: 25) == .unchanged)
        #expect(look(after: 48) == .rekeyed)
        // The clock is put back by a year, and goes on from there.
        #expect(look(after: -8_000) == .rekeyed)
        #expect(look(after: -7_999) == .unchanged)
        #expect(log.lines.allSatisfy { $0.level == .debug })
        let last = identity.current
        try FileManager.default.removeItem(atPath: live.key)
        #expect(look(after: -7_998) == .kept)
        #expect(look(after: -7_000) == .kept)
        #expect(look(after: -6_999) == .unchanged)
        #expect(identity.current === last)
        #expect(log.messages(at: .error).count == 1)
    }

    @Test("From 14 days before its end the certificate is warned of, once a day, and an expired one is an error")
    func expiry() async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool, days: 20)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let log = RecordedLog()
        let day = Mutex(0)
        let start = Timestamp.now()
        let watch = CertificateWatch(identity, logger: log.logger) {
            Timestamp(milliseconds: start.milliseconds + Int64(day.withLock { $0 }) * 86_400_000)
        }
        func look(on number: Int) {
            day.withLock { $0 = number }
            watch.look()
            watch.look()
        }
        look(on: 0)
        look(on: 5)
        #expect(log.messages(at: .warning).isEmpty)
        look(on: 7)
        look(on: 8)
        #expect(log.messages(at: .warning).count == 2)
        #expect(log.messages(at: .error).isEmpty)
        look(on: 21)
        #expect(log.messages(at: .error).count == 1)
        #expect(watch.secondsLeft < 0)
    }

    @Test("SIGHUP's reload changes the certificate of a running receiver, and a session that is inside TLS goes on")
    func running() async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool)
        let renewed = try await Self.issue("renewed", in: spool, days: 30)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let receiver = try await RunningReceiver.start(spool: spool, tls: identity)
        let port = try #require(receiver.address.port)
        let (begun, go) = (spool.layout.directory + "/begun", spool.layout.directory + "/go")
        // The message begins before the reload and ends after it.
        let script = """
            import os, smtplib, ssl, time
            context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
            client = smtplib.SMTP("127.0.0.1", \(port), timeout=50)
            client.starttls(context=context); client.ehlo()
            client.mail("a@b.test"); client.rcpt("u@example.com"); client.putcmd("data"); client.getreply()
            client.send(b"Subject: x\\r\\n\\r\\n"); open("\(begun)", "w").close()
            while not os.path.exists("\(go)"): time.sleep(0.02)
            client.send(b"body\\r\\n.\\r\\n"); code, _ = client.getreply(); client.quit()
            exit(0 if code == 250 else 1)
            """
        async let session = HostProgram.finished("python3", ["-c", script])
        while !FileManager.default.fileExists(atPath: begun) { try await Task.sleep(for: .milliseconds(20)) }
        let before = identity.current
        try Self.replace(live.certificate, with: renewed.certificate)
        try Self.replace(live.key, with: renewed.key)
        await receiver.service.reload()
        #expect(identity.current !== before)
        _ = FileManager.default.createFile(atPath: go, contents: nil)
        let run = try await session
        #expect(run.isSuccess, "\(run.text)")
        try await receiver.stop()
        #expect(try receiver.spool.messages().count == 1)
    }

    @Test("A TLS session is resumed over STARTTLS", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(_ version: String) async throws {
        let spool = try TestSpool()
        let live = try await Self.issue("live", in: spool)
        let identity = try TLSServerIdentity(certificateFile: live.certificate, keyFile: live.key, listener: "test")
        let receiver = try await RunningReceiver.start(spool: spool, tls: identity)
        let port = try #require(receiver.address.port)
        let session = spool.layout.directory + "/session.pem"
        func connect(_ option: String) async throws -> String {
            // The tickets of TLS 1.3 come with the first reply; QUIT's is the last.
            let line =
                "(echo EHLO c; sleep 0.5; echo QUIT; sleep 0.5) | openssl s_client -connect 127.0.0.1:\(port) "
                + "-starttls smtp -crlf -ign_eof \(version) \(option) \(session)"
            return try await HostProgram.finished("sh", ["-c", line]).text
        }
        #expect(try await connect("-sess_out").contains("New, TLSv1"))
        let again = try await connect("-sess_in")
        #expect(again.contains("Reused, TLSv1"), "\(again)")
        try await receiver.stop()
    }
}
