import Foundation
import SystemTLS
import TestKit
import Testing

@Suite("Over real sockets with the openssl command", .timeLimit(.minutes(10)))
struct OpenSSLInteropTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    private func identity(_ pair: TestCertificates.Pair) throws -> TLSServerIdentity {
        try TLSServerIdentity(certificateFile: pair.certificate, keyFile: pair.key, listener: "test")
    }

    private var verifying: [String] {
        [
            "-CAfile", certificates.authority.certificate, "-verify_return_error", "-verify_hostname", "good.test",
            "-ign_eof",
        ]
    }

    @Test(
        "s_client verifies our server, gets its line back and a clean end",
        arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    func server(option: String, version: String) async throws {
        let server = try await LoopbackServer(identity(certificates.good))
        let outcome = try await OpenSSLCommand.client(port: server.port, verifying + [option], input: "to and fro\n")
        #expect(outcome.isSuccess, "\(outcome.text)")
        #expect(outcome.text.contains("to and fro"))
        #expect(outcome.text.contains(version))
        #expect(outcome.text.contains("Verify return code: 0 (ok)"))
        try await server.stop()
    }

    @Test("s_client -starttls smtp goes through STARTTLS")
    func startTLS() async throws {
        let server = try await LoopbackServer(identity(certificates.good), .startTLS)
        let outcome = try await OpenSSLCommand.client(
            port: server.port, verifying + ["-starttls", "smtp"], input: "to and fro\n")
        #expect(outcome.isSuccess, "\(outcome.text)")
        #expect(outcome.text.contains("to and fro"))
        try await server.stop()
    }

    @Test("TLS 1.0 and 1.1 are refused, also to a client that allows itself anything", arguments: ["-tls1", "-tls1_1"])
    func oldVersions(option: String) async throws {
        let server = try await LoopbackServer(identity(certificates.good))
        let outcome = try await OpenSSLCommand.client(
            port: server.port, [option, "-cipher", "ALL:@SECLEVEL=0"], input: "hello\n")
        #expect(!outcome.isSuccess)
        #expect(outcome.text.contains("alert protocol version"), "\(outcome.text)")
        try await server.stop()
    }

    @Test(
        "Keys are agreed on by elliptic curves; finite fields, whose powers only the server would have to compute, are refused"
    )
    func groups() async throws {
        let server = try await LoopbackServer(identity(certificates.good))
        for (group, isTaken) in [("P-256", true), ("P-384", true), ("ffdhe2048", false), ("ffdhe8192", false)] {
            let outcome = try await OpenSSLCommand.client(
                port: server.port, ["-tls1_3", "-groups", group], input: "hello\n")
            #expect(outcome.text.contains("Server Temp Key") == isTaken, "\(group): \(outcome.text)")
        }
        try await server.stop()
    }

    @Test("Renegotiation is refused")
    func renegotiation() async throws {
        let server = try await LoopbackServer(identity(certificates.good))
        let outcome = try await OpenSSLCommand.client(port: server.port, ["-tls1_2"], input: "R\n")
        #expect(outcome.text.contains("RENEGOTIATING"))
        #expect(outcome.text.contains("no renegotiation"), "\(outcome.text)")
        try await server.stop()
    }

    @Test("A session is resumed by ticket at its listener, not at another", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(option: String) async throws {
        let here = try await LoopbackServer(identity(certificates.good))
        let other = try await LoopbackServer(identity(certificates.good))
        let session = certificates.path("session-\(UUID().uuidString).pem")
        let first = try await OpenSSLCommand.client(
            port: here.port, verifying + [option, "-sess_out", session], input: "one\n")
        #expect(first.text.contains("New, TLSv1"))
        let again = try await OpenSSLCommand.client(
            port: here.port, verifying + [option, "-sess_in", session], input: "two\n")
        #expect(again.text.contains("Reused, TLSv1"), "\(again.text)")
        let elsewhere = try await OpenSSLCommand.client(
            port: other.port, verifying + [option, "-sess_in", session], input: "three\n")
        #expect(elsewhere.text.contains("New, TLSv1"), "\(elsewhere.text)")
        try await here.stop()
        try await other.stop()
    }

    @Test("After a reload s_client sees the new certificate")
    func reload() async throws {
        let paths = (
            certificates.path("live-\(UUID().uuidString).pem"), certificates.path("live-\(UUID().uuidString).key")
        )
        let install = { (pair: TestCertificates.Pair) in
            for (source, target) in [(pair.certificate, paths.0), (pair.key, paths.1)] {
                try Data(contentsOf: URL(fileURLWithPath: source)).write(
                    to: URL(fileURLWithPath: target), options: .atomic)
            }
        }
        try install(certificates.expired)
        let identity = try identity(TestCertificates.Pair(certificate: paths.0, key: paths.1))
        let server = try await LoopbackServer(identity)
        let before = try await OpenSSLCommand.client(port: server.port, verifying, input: "old\n")
        #expect(!before.isSuccess)
        #expect(before.text.contains("certificate has expired"))
        try install(certificates.good)
        try identity.reload()
        let after = try await OpenSSLCommand.client(port: server.port, verifying, input: "new\n")
        #expect(after.isSuccess, "\(after.text)")
        try await server.stop()
    }

    @Test(
        "Our client verifies s_server and gets its line back",
        arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    func client(option: String, version: String) async throws {
        let server = try OpenSSLServer(certificates.good, [option])
        defer { server.stop() }
        let answer = try await LoopbackClient.ask(
            port: server.port, certificates.client(), host: "good.test", line: "abcdef")
        #expect(answer.line == "fedcba")
        #expect(answer.handshake?.version == version)
        #expect(answer.handshake?.peerVerified == true)
    }

    @Test("Our client refuses a server that speaks TLS 1.1 at the most, and says what to look at")
    func oldServer() async throws {
        let server = try OpenSSLServer(certificates.good, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        defer { server.stop() }
        let error = await #expect(throws: TLSError.self) {
            try await LoopbackClient.ask(port: server.port, certificates.client(), host: "good.test", line: "a")
        }
        #expect(error?.code == .handshakeFailed)
        #expect(error?.description.contains("1.2 or later") == true)
        #expect(error?.cause?.contains("protocol version") == true, "\(error?.cause ?? "")")
    }

    @Test(
        "Our client refuses a wrong certificate and says why",
        arguments: [
            (\TestCertificates.expired, "certificate has expired"), (\TestCertificates.wrongName, "hostname mismatch"),
            (\TestCertificates.selfSigned, "self-signed certificate"),
        ] as [(any KeyPath<TestCertificates, TestCertificates.Pair> & Sendable, String)])
    func refused(pair: any KeyPath<TestCertificates, TestCertificates.Pair> & Sendable, cause: String) async throws {
        let server = try OpenSSLServer(certificates[keyPath: pair], [])
        defer { server.stop() }
        let error = await #expect(throws: TLSError.self) {
            try await LoopbackClient.ask(port: server.port, certificates.client(), host: "good.test", line: "a")
        }
        #expect(error?.code == .verificationFailed)
        #expect(error?.cause == cause)
    }
}
