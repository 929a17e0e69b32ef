import Foundation
import SystemTLS
import TestKit

@testable import Replayer

extension ReplayRig {
    /// A target with TLS whose certificate must be signed by somebody of these.
    func secureTarget(trust: TLSTrust) throws -> ReplayTarget {
        let plain = try target()
        let context = try TLSClientContext(trust: trust)
        return ReplayTarget(
            name: "t", endpoint: IMAPEndpoint(host: "localhost", port: dovecot.tlsPort ?? 0, security: .tls(context)),
            kind: .dovecot, credentials: plain.credentials, connections: 2, settle: .seconds(1))
    }
}
