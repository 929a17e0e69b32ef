import Replayer

/// The targets in the replayer's own words.
extension LayoverConfiguration {
    /// All targets by name, their CA files read.
    func replayTargets() throws -> [String: ReplayTarget] {
        try requireTargets().mapValues { section in
            ReplayTarget(
                name: section.name, endpoint: try endpoint(section),
                kind: .init(rawValue: section.kind.rawValue) ?? .auto,
                credentials: Self.credentials(section), connections: section.connections, settle: section.settle,
                maximumMessageSize: section.maxMessageSize, junkFolder: section.junkFolder)
        }
    }

    private func endpoint(_ section: TargetSection) throws -> IMAPEndpoint {
        let security: IMAPEndpoint.Security =
            switch section.security {
            case .none: .none
            case .tls: .tls(try trust(of: section))
            case .starttls: .startTLS(try trust(of: section))
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
