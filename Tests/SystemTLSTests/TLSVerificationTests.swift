import NIOCore
import SystemTLS
import Testing

@Suite("A client accepts the right certificate only")
struct TLSVerificationTests {
    let certificates: TestCertificates

    init() throws { certificates = try SharedCertificates.get() }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let pair: any KeyPath<TestCertificates, TestCertificates.Pair> & Sendable
        let host: String
        let cause: String
        var testDescription: String { "\(cause) for \(host)" }
    }

    static let refusals = [
        Refusal(pair: \.expired, host: "good.test", cause: "certificate has expired"),
        Refusal(pair: \.wrongName, host: "good.test", cause: "hostname mismatch"),
        Refusal(pair: \.good, host: "evil.test", cause: "hostname mismatch"),
        Refusal(pair: \.wrongName, host: "127.0.0.1", cause: "IP address mismatch"),
        Refusal(pair: \.partialWildcard, host: "goat.good.test", cause: "hostname mismatch"),
        Refusal(pair: \.commonNameOnly, host: "good.test", cause: "hostname mismatch"),
        Refusal(pair: \.selfSigned, host: "good.test", cause: "self-signed certificate"),
        Refusal(pair: \.wrongPurpose, host: "good.test", cause: "unsuitable certificate purpose"),
    ]

    @Test(
        "A wrong certificate is refused with its reason, the host and a remedy; no data goes either way",
        arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        let pair = try PumpedPair(
            server: certificates.server(certificates[keyPath: refusal.pair]), client: certificates.client(),
            host: refusal.host)
        try pair.connect()
        let secret = pair.client.writeAndFlush(ByteBuffer(string: "a001 LOGIN secret"))
        try pair.pump()
        let error = try #require(pair.clientRecorder.error)
        #expect(error.code == .verificationFailed)
        #expect(error.cause == refusal.cause)
        #expect(error.message.contains("The certificate of \(refusal.host) is not accepted: "))
        #expect(pair.clientRecorder.events == [.active, .failed(.verificationFailed), .inactive])
        #expect(throws: TLSError.self) { try secret.wait() }
        #expect(pair.serverRecorder.received.readableBytes == 0)
        #expect(pair.serverRecorder.error?.code == .handshakeFailed)
    }

    @Test("The system's authorities do not make an unknown one believable")
    func systemTrust() throws {
        let pair = try PumpedPair(
            server: certificates.server(certificates.good), client: TLSClientContext(trust: .system))
        try pair.connect()
        try pair.pump()
        #expect(pair.clientRecorder.error?.code == .verificationFailed)
    }

    @Test(
        "A self-signed certificate, or a server's own, is accepted when it is the trusted file",
        arguments: [true, false])
    func pinned(selfSigned: Bool) throws {
        let served = selfSigned ? certificates.selfSigned : certificates.good
        let pair = try PumpedPair(
            server: certificates.server(served), client: TLSClientContext(trust: .file(served.certificate)))
        try pair.connect()
        try pair.pump()
        #expect(pair.clientRecorder.handshake?.peerVerified == true)
    }

    @Test(
        "A host that no certificate can carry is refused before anything is sent",
        arguments: ["", ".", "a b", "exämple.com", "a\0b", "[::1]", String(repeating: "a", count: 254)])
    func badHost(host: String) throws {
        let client = try certificates.client()
        let error = #expect(throws: TLSError.self) { try TLSHandler(client: client, host: host) }
        #expect(error?.code == .hostInvalid)
    }

    @Test("A final dot in the host is no part of the name")
    func finalDot() throws {
        let pair = try PumpedPair(
            server: certificates.server(certificates.good), client: certificates.client(), host: "good.test.")
        try pair.connect()
        try pair.pump()
        #expect(pair.clientRecorder.handshake?.peerVerified == true)
    }
}
