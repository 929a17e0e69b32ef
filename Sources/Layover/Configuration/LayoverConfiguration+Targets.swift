import Replayer
import SystemTLS

/// The targets in the replayer's own words.
extension LayoverConfiguration {
    /// All targets by name, their CA files read. Throws `ConfigurationError`, or `TLSError` for a CA file that is none.
    func replayTargets() throws -> [String: ReplayTarget] {
        try requireTargets().mapValues { section in
            ReplayTarget(
                name: section.name, endpoint: try Self.endpoint(section),
                kind: .init(rawValue: section.kind.rawValue) ?? .auto,
                credentials: Self.credentials(section), connections: section.connections, settle: section.settle,
                maximumMessageSize: section.maxMessageSize, junkFolder: section.junkFolder)
        }
    }

    private static func endpoint(_ section: TargetSection) throws -> IMAPEndpoint {
        let security: IMAPEndpoint.Security
        switch section.security {
        case .none: security = .none
        case .tls: security = .tls(try TLSClientContext(trust: section.caFile.map { .file($0) } ?? .system))
        case .starttls: security = .startTLS(try TLSClientContext(trust: section.caFile.map { .file($0) } ?? .system))
        }
        return IMAPEndpoint(host: section.host, port: section.port, security: security)
    }

    private static func credentials(_ section: TargetSection) -> TargetCredentials {
        let method: TargetCredentials.Method =
            switch section.login {
            case .master: .master(user: section.masterUser ?? "", separator: section.masterSeparator)
            case .authzid: .authzid(user: section.masterUser ?? "")
            case .passwords: .passwords
            }
        return TargetCredentials(method: method, passwordFile: section.passwordFile)
    }
}
