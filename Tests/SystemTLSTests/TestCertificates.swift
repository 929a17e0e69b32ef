import Foundation
import SystemTLS
import TestKit

/// Certificates made with the `openssl` command for one test run, in a directory of their own that is removed at its end.
///
/// `authority` has signed all but `selfSigned`. Every name is `good.test` and every address 127.0.0.1, but for `wrongName`.
struct TestCertificates {
    struct Pair: Sendable {
        let certificate: String
        let key: String
    }

    let directory: String
    let authority: Pair
    let good: Pair
    let renewed: Pair
    let expired: Pair
    let wrongName: Pair
    let wrongPurpose: Pair
    let partialWildcard: Pair
    let commonNameOnly: Pair
    let selfSigned: Pair

    private static let keyOptions = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    private static let goodNames = "subjectAltName=DNS:good.test,IP:127.0.0.1"

    init() throws {
        directory = NSTemporaryDirectory() + "SystemTLSTests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        authority = Self.pair("authority", in: directory)
        try Self.request(authority, "/CN=Test Authority", signer: nil, [], days: 3650)
        let make = { [directory, authority] (name: String, extensions: [String]) in
            let pair = Self.pair(name, in: directory)
            try Self.request(pair, "/CN=good.test", signer: authority, extensions + ["basicConstraints=CA:FALSE"])
            return pair
        }
        good = try make("good", [Self.goodNames])
        renewed = try make("renewed", [Self.goodNames])
        wrongName = try make("wrong-name", ["subjectAltName=DNS:other.test,IP:127.0.0.2"])
        wrongPurpose = try make("wrong-purpose", [Self.goodNames, "extendedKeyUsage=clientAuth"])
        partialWildcard = try make("partial-wildcard", ["subjectAltName=DNS:go*.good.test"])
        commonNameOnly = try make("common-name-only", [])
        selfSigned = Self.pair("self-signed", in: directory)
        try Self.request(selfSigned, "/CN=good.test", signer: nil, [Self.goodNames])
        expired = try Self.expired(in: directory, signer: authority)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { directory + "/" + name }

    func server(_ pair: Pair, listener: String = "test") throws -> TLSServerContext {
        try TLSServerContext(certificateFile: pair.certificate, keyFile: pair.key, listener: listener)
    }

    func client() throws -> TLSClientContext { try TLSClientContext(trust: .file(authority.certificate)) }

    private static func pair(_ name: String, in directory: String) -> Pair {
        Pair(certificate: "\(directory)/\(name).pem", key: "\(directory)/\(name).key")
    }

    private static func request(
        _ pair: Pair, _ subject: String, signer: Pair?, _ extensions: [String], days: Int = 30
    ) throws {
        let signing = signer.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? []
        try HostProgram.run(
            "openssl",
            ["req", "-x509", "-days", "\(days)", "-subj", subject, "-out", pair.certificate, "-keyout", pair.key]
                + signing + keyOptions + extensions.flatMap { ["-addext", $0] })
    }

    private static func expired(in directory: String, signer: Pair) throws -> Pair {
        let pair = Self.pair("expired", in: directory)
        let (request, extensions) = ("\(directory)/expired.csr", "\(directory)/expired.ext")
        try Data(goodNames.utf8).write(to: URL(fileURLWithPath: extensions))
        try HostProgram.run(
            "openssl",
            ["req", "-new", "-subj", "/CN=good.test", "-out", request, "-keyout", pair.key] + keyOptions)
        try HostProgram.run(
            "openssl",
            [
                "x509", "-req", "-in", request, "-CA", signer.certificate, "-CAkey", signer.key, "-set_serial", "5",
                "-days", "-1", "-extfile", extensions, "-out", pair.certificate,
            ])
        return pair
    }
}
