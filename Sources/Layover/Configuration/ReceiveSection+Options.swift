import MailModel

extension ReceiveSection {
    static let path = ["receive"]

    static let options =
        [
            listenSetting.option, domainsSetting.option, maxMessageSizeSetting.option, unknownRecipientsSetting.option,
            recipientDelimiterSetting.option, postmasterSetting.option,
            bareNewlinesSetting.option, maxSessionsSetting.option, maxRecipientsSetting.option, timeoutSetting.option,
            memorySetting.option,
        ] + operationOptions

    static let listenSetting = Setting(
        "listen", in: path, ValueSyntax.listenAddress.list("list of listen addresses"),
        .defaulted(["0.0.0.0:25", "[::]:25"]),
        summary: "The addresses and ports to take mail on, an IPv6 address in brackets.",
        consequence: "Senders use port 25 only. All addresses must be free, or the receiver does not start.")

    static let domainsSetting = Setting(
        "domains", in: path, ValueSyntax.domain.list("list of domains"),
        .required(example: ["example.com", "example.fr"]),
        summary: "The domains whose mail is taken.",
        consequence: """
            Recipients in any other domain are refused for good, so that nobody can relay through this host. A \
            domain whose MX points here and that is missing in the list has its mail bounced by the senders.
            """)

    static let maxMessageSizeSetting = Setting(
        "max_message_size", in: path, .size(.kib(64) ... .mib(1_024)), .defaulted("25 MiB"),
        summary: "The largest message that is taken; announced as SIZE.",
        consequence: """
            A larger one is refused for good with 552. It must stay 4 KiB below what every target takes, or mail is \
            accepted that can never be delivered: `layover check` compares them.
            """)

    static let unknownRecipientsSetting = Setting(
        "unknown_recipients", in: path, ValueSyntax<UnknownRecipients>.choice, .defaulted("hold"),
        summary:
            "What becomes of unknown recipients in our domains: hold, defer (450) or reject (550).",
        consequence: """
            "hold" loses nothing while the roster is incomplete, and keeps spam to invented names too. "defer" \
            leaves the mail with its sender, who gives up after some days. "reject" bounces it at once: use it only \
            with a complete roster.
            """)

    static let bareNewlinesSetting = Setting(
        "bare_newlines", in: path, ValueSyntax<BareNewlines>.choice, .defaulted("normalize"),
        summary: "What becomes of line ends that are not CR LF: normalize or reject.",
        consequence: """
            "normalize" makes a bare LF a CR LF and a lone CR a space before the digest is taken, and notes it. \
            "reject" refuses such mail for good, and a session whose commands end so; some old devices send it. Only \
            CR LF . CR LF ends a message in both.
            """)

    static let maxSessionsSetting = Setting(
        "max_sessions", in: path, .number(1...100_000), .defaulted(2_000),
        summary: "How many SMTP sessions may be open at once, all addresses together.",
        consequence: """
            More are told to try again later (421). Each needs a file descriptor (LimitNOFILE of the unit); where too few \
            may be open there are fewer sessions, and a warning at the start says so.
            """)

    static let maxRecipientsSetting = Setting(
        "max_recipients", in: path, .number(100...50_000), .defaulted(1_000),
        summary: "How many recipients one message may have.",
        consequence:
            "Further ones get 452, and their sender sends them the message once more. RFC 5321 asks for at least 100.")

    static let timeoutSetting = Setting(
        "timeout", in: path, .duration(.seconds(1) ... .seconds(3_600)), .defaulted("300 s"),
        summary: "How long a session may be silent before it is closed with 421.",
        consequence: "RFC 5321 asks for 5 minutes. Less cuts off slow senders, more lets idle ones hold sessions.")

    static let memorySetting = Setting(
        "memory", in: path, .size(.mib(4) ... .kib(1 << 40)), .defaulted("64 MiB"),
        summary: "The memory for message bodies in flight, all sessions together.",
        consequence: "When it is used up, sockets are not read until the disk has caught up: slower, never lost.")
}
