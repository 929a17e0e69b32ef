import MailModel

/// `[receive.limits]`: how much one client may do before it is slowed down or sent away. Every refusal is a temporary one.
struct ReceiveLimitsSection: Hashable, Sendable {
    let sessionsPerClient: Int
    let sessionsPerNetwork: Int
    let connectionsPerMinute: Int
    let abortsPerMinute: Int
    let commands: Int
    let errors: Int
    let errorsBeforeDelay: Int
    let errorDelay: Duration
    let refusedRecipients: Int
    let junkCommands: Int
    let headerSize: ByteCount
    let lineLength: ByteCount
    let stressSessions: Int
    let stressTimeout: Duration
    let slowestData: ByteCount

    init(_ reader: SectionReader) throws(ConfigurationError) {
        sessionsPerClient = try reader.value(Self.sessionsPerClientSetting)
        sessionsPerNetwork = try reader.value(Self.sessionsPerNetworkSetting)
        connectionsPerMinute = try reader.value(Self.connectionsPerMinuteSetting)
        abortsPerMinute = try reader.value(Self.abortsPerMinuteSetting)
        commands = try reader.value(Self.commandsSetting)
        errors = try reader.value(Self.errorsSetting)
        errorsBeforeDelay = try reader.value(Self.errorsBeforeDelaySetting)
        errorDelay = try reader.value(Self.errorDelaySetting)
        refusedRecipients = try reader.value(Self.refusedRecipientsSetting)
        junkCommands = try reader.value(Self.junkCommandsSetting)
        headerSize = try reader.value(Self.headerSizeSetting)
        lineLength = try reader.value(Self.lineLengthSetting)
        stressSessions = try reader.value(Self.stressSessionsSetting)
        stressTimeout = try reader.value(Self.stressTimeoutSetting)
        slowestData = try reader.value(Self.slowestDataSetting)
    }
}

extension ReceiveLimitsSection {
    static let path = ["receive", "limits"]

    static let options = [
        sessionsPerClientSetting.option, sessionsPerNetworkSetting.option, connectionsPerMinuteSetting.option,
        abortsPerMinuteSetting.option, commandsSetting.option, errorsSetting.option, errorsBeforeDelaySetting.option,
        errorDelaySetting.option, refusedRecipientsSetting.option, junkCommandsSetting.option,
        headerSizeSetting.option, lineLengthSetting.option, slowestDataSetting.option, stressSessionsSetting.option,
        stressTimeoutSetting.option,
    ]

    static let sessionsPerClientSetting = Setting(
        "sessions_per_client", in: path, .number(1...100_000), .defaulted(200),
        summary: "How many sessions one IPv4 address or IPv6 /64 may have open at once.",
        consequence:
            "One more is told 421 4.7.0. Raise it where all mail comes through one gateway; loopback has no limit.")

    static let sessionsPerNetworkSetting = Setting(
        "sessions_per_network", in: path, .number(1...100_000), .defaulted(500),
        summary: "How many sessions one IPv4 /24 or IPv6 /48 may have open at once.",
        consequence: "One more is told 421 4.7.0. Large senders deliver from one network.")

    static let connectionsPerMinuteSetting = Setting(
        "connections_per_minute", in: path, .number(0...1_000_000), .defaulted(600),
        summary: "How many connections a minute one client may begin; 0: no limit.",
        consequence: "One more is told 421 4.7.0. Too few, and a sender that opens one for each message falls behind.")

    static let abortsPerMinuteSetting = Setting(
        "aborts_per_minute", in: path, .number(0...1_000_000), .defaulted(120),
        summary: "How many messages a minute one client may begin that are not taken; 0: no limit.",
        consequence: "Each makes the server read for nothing. Above it the client is told 421 4.7.0 for about a minute."
    )

    static let commandsSetting = Setting(
        "commands", in: path, .number(1_000...10_000_000), .defaulted(20_000),
        summary: "How many commands may come between two accepted messages.",
        consequence: "One more ends the session with 421 4.7.0. It must leave room for max_recipients.")

    static let errorsSetting = Setting(
        "errors", in: path, .number(2...1_000), .defaulted(20),
        summary: "The error of a session that ends it with 421 4.7.0.",
        consequence: "An accepted message sets the count back.")

    static let errorsBeforeDelaySetting = Setting(
        "errors_before_delay", in: path, .number(1...1_000), .defaulted(10),
        summary: "The error of a session from which on each one is answered late.",
        consequence: "It slows programs down that guess. More than errors means never.")

    static let errorDelaySetting = Setting(
        "error_delay", in: path, .duration(.seconds(0) ... .seconds(60)), .defaulted("1 s"),
        summary: "How long such an answer is held back.",
        consequence: "Nothing of the session is read meanwhile; other sessions do not notice.")

    static let refusedRecipientsSetting = Setting(
        "refused_recipients", in: path, .number(2...100_000), .defaulted(100),
        summary: "The refused recipient of a session that ends it with 421 4.7.0.",
        consequence: "A sweep through guessed names has nothing else; an old mailing list has some.")

    static let junkCommandsSetting = Setting(
        "junk_commands", in: path, .number(10...100_000), .defaulted(100),
        summary: "How many NOOP, RSET, VRFY, HELP and repeated EHLO may come between two accepted messages.",
        consequence: "Each further one counts as an error.")

    static let headerSizeSetting = Setting(
        "header_size", in: path, .size(.kib(16) ... .mib(16)), .defaulted("256 KiB"),
        summary: "The largest header of a message, up to its first empty line.",
        consequence: "A larger one is refused for good with 554 5.6.0: programs that read it later choke on it.")

    static let slowestDataSetting = Setting(
        "slowest_data", in: path, .size(ByteCount(1) ... .mib(16)), .defaulted("16 KiB"),
        summary: "How much of a message must come within each receive.timeout.",
        consequence: "Less ends the session with 421: a byte now and then does not hold one for ever.")
}
