import Logging
import MailModel
import NIOCore
import Receiver
import SMTPProtocol
import Spool
import SystemTLS

/// The configuration in the receiver's own words.
extension LayoverConfiguration {
    var layout: SpoolLayout { SpoolLayout(directory: spool.directory) }

    func receiverConfiguration() throws -> ReceiverConfiguration {
        let receive = try requireReceive()
        var limits = ReceiverLimits()
        limits.sessions = receive.maxSessions
        limits.bodyMemory = receive.memory
        limits.idleTimeout = .milliseconds(receive.timeout.milliseconds)
        limits.minimumFree =
            switch spool.minFree {
            case .percent(let percent): .percent(percent)
            case .size(let size): .bytes(size)
            }
        limits.reserve = spool.reserve
        var configuration = ReceiverConfiguration(
            hostname: hostname, listeners: receive.listen.map { .init(host: $0.host, port: $0.port) },
            domains: receive.domains,
            domainAliases: domainAliases.domains, maximumMessageSize: receive.maxMessageSize,
            unknownRecipients: .init(rawValue: receive.unknownRecipients.rawValue) ?? .hold,
            bareNewlines: receive.bareNewlines == .reject ? .reject : .normalize, limits: limits)
        configuration.maximumRecipients = receive.maxRecipients
        return configuration
    }

    /// The certificate of `[receive.tls]`; nil where STARTTLS is not offered.
    func receiverTLS() throws -> TLSServerIdentity? {
        guard let tls = try requireReceive().tls else { return nil }
        return try TLSServerIdentity(certificateFile: tls.certificate, keyFile: tls.key, listener: "smtp")
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
