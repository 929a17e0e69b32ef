import Foundation
import NIOCore
import SystemTLS
import TestKit
import Testing

@Suite("Certificates, keys and trusted files")
struct TLSContextTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    private func serverError(_ certificate: String, _ key: String) -> TLSError? {
        #expect(throws: TLSError.self) {
            try TLSServerContext(certificateFile: certificate, keyFile: key, listener: "test")
        }
    }

    @Test("A missing or broken certificate is named with the system's reason")
    func badCertificate() throws {
        let missing = certificates.path("missing.pem")
        let error = serverError(missing, certificates.good.key)
        #expect(error?.code == .certificateUnreadable)
        #expect(error?.description.contains(missing) == true)
        #expect(error?.description.contains("No such file or directory") == true)
        #expect(serverError(certificates.good.key, certificates.good.key)?.cause?.hasPrefix("no start line") == true)
    }

    @Test("A missing key, one with a pass phrase and one of another certificate are told apart")
    func badKey() throws {
        let missing = certificates.path("missing.key")
        #expect(serverError(certificates.good.certificate, missing)?.code == .keyUnreadable)
        #expect(serverError(certificates.good.certificate, missing)?.message.contains(missing) == true)
        let locked = certificates.path("locked-\(UUID().uuidString).key")
        try HostProgram.run(
            "openssl",
            ["pkey", "-aes256", "-passout", "pass:secret", "-in", certificates.good.key, "-out", locked])
        #expect(serverError(certificates.good.certificate, locked)?.code == .keyUnreadable)
        let other = serverError(certificates.good.certificate, certificates.renewed.key)
        #expect(other?.code == .keyMismatch)
        #expect(other?.cause == "key values mismatch")
    }

    @Test("A trusted file that is missing or holds no certificate is named")
    func badTrust() throws {
        for path in [certificates.path("missing.pem"), certificates.good.key] {
            let error = #expect(throws: TLSError.self) { try TLSClientContext(trust: .file(path)) }
            #expect(error?.code == .trustUnreadable)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test("An expired certificate is served, and its end can be asked for")
    func expiry() throws {
        let now = Date().timeIntervalSince1970
        #expect(Double(try certificates.server(certificates.expired).expiresAt) < now)
        let left = Double(try certificates.server(certificates.good).expiresAt) - now
        #expect(left > 29 * 86_400 && left < 31 * 86_400)
    }

    @Test("After a reload new connections see the new certificate while the old one still works")
    func reload() throws {
        let (chain, key) = (
            certificates.path("reload-\(UUID().uuidString).pem"), certificates.path("reload-\(UUID().uuidString).key")
        )
        let install = { (pair: TestCertificates.Pair) in
            for (source, target) in [(pair.certificate, chain), (pair.key, key)] {
                try Data(contentsOf: URL(fileURLWithPath: source)).write(
                    to: URL(fileURLWithPath: target), options: .atomic)
            }
        }
        try install(certificates.good)
        let identity = try TLSServerIdentity(certificateFile: chain, keyFile: key, listener: "test")
        let trustsOld = try TLSClientContext(trust: .file(certificates.good.certificate))
        let trustsNew = try TLSClientContext(trust: .file(certificates.renewed.certificate))
        let old = try PumpedPair(server: identity.current, client: trustsOld)
        try old.connect()
        try old.pump()

        try install(certificates.renewed)
        try identity.reload()
        let new = try PumpedPair(server: identity.current, client: trustsNew)
        try new.connect()
        try new.pump()
        #expect(new.clientRecorder.handshake?.peerVerified == true)
        old.client.writeAndFlush(ByteBuffer(string: "still here"), promise: nil)
        try old.pump()
        #expect(old.serverRecorder.text == "still here")
    }

    @Test("A reload that fails leaves the old certificate in use")
    func failedReload() throws {
        let key = certificates.path("vanishing-\(UUID().uuidString).key")
        try FileManager.default.copyItem(atPath: certificates.good.key, toPath: key)
        let identity = try TLSServerIdentity(
            certificateFile: certificates.good.certificate, keyFile: key, listener: "test")
        let before = identity.current
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: TLSError.self) { try identity.reload() }
        #expect(identity.current === before)
    }
}
