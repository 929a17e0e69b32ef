import Logging
import MailModel
import NIOCore
import Receiver
import SMTPProtocol
import Spool

/// The configuration in the receiver's own words.
extension LayoverConfiguration {
    var layout: SpoolLayout { SpoolLayout(directory: spool.directory) }

    var spoolLimits: SpoolLimits {
        var limits = SpoolLimits()
        limits.segmentSize = spool.segmentSize
        return limits
    }

    func receiverConfiguration() throws -> ReceiverConfiguration {
        let receive = try requireReceive()
        var limits = ReceiverLimits()
        limits.sessions = receive.maxSessions
        limits.bodyMemory = receive.memory
        limits.idleTimeout = .milliseconds(receive.timeout.milliseconds)
        limits.drain = .milliseconds(receive.drain.milliseconds)
        limits.lockWait = .milliseconds(receive.lockWait.milliseconds)
        Self.set(&limits, from: receive.limits)
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
        configuration.recipientDelimiter = recipientDelimiter
        configuration.maximumRecipients = receive.maxRecipients
        configuration.protocolLimits.errors = receive.limits.errors
        configuration.protocolLimits.errorsBeforeDelay = receive.limits.errorsBeforeDelay
        configuration.protocolLimits.refusedRecipients = receive.limits.refusedRecipients
        configuration.protocolLimits.junkCommands = receive.limits.junkCommands
        configuration.statusListener = receive.statusListen.map { .init(host: $0.host, port: $0.port) }
        configuration.proxyNetworks = receive.proxyNetworks
        configuration.xclientNetworks = receive.xclientNetworks
        configuration.junk = JunkVerdict(gateways: receive.verdict.gateways, fields: receive.verdict.junk)
        configuration.asksClientNames = receive.reverseNames == .on
        configuration.blocklists = BlocklistConfiguration(
            zones: receive.blocklists.zones, threshold: receive.blocklists.threshold,
            wait: .milliseconds(receive.blocklists.wait.milliseconds))
        configuration.nameServer = receive.blocklists.nameServer.map { .init(host: $0.host, port: $0.port) }
        configuration.droppedLogLines = { LogSink.standardError.droppedLines }
        return configuration
    }

    private static func set(_ limits: inout ReceiverLimits, from section: ReceiveLimitsSection) {
        limits.sessionsPerClient = section.sessionsPerClient
        limits.sessionsPerNetwork = section.sessionsPerNetwork
        limits.connectionsPerMinute = section.connectionsPerMinute
        limits.abortsPerMinute = section.abortsPerMinute
        limits.commands = section.commands
        limits.errorDelay = .milliseconds(section.errorDelay.milliseconds)
        limits.headerSize = section.headerSize
        limits.slowestData = section.slowestData
        limits.lineLength = section.lineLength
        limits.stressPercent = section.stressSessions
        limits.stressTimeout = .milliseconds(section.stressTimeout.milliseconds)
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
