import MailModel

/// The limits that a message as a whole, and all sessions together, can reach.
extension ReceiveLimitsSection {
    static let lineLengthSetting = Setting(
        "line_length", in: path, .size(ByteCount(1_000) ... .mib(1_024)), .defaulted("16 MiB"),
        summary: "The longest line of a message, CR LF included.",
        consequence: """
            A message with a longer one is refused for good with 554. RFC 5321 allows 1000 octets; some programs write a whole \
            text as one line, and nothing here needs it shorter.
            """)

    static let stressSessionsSetting = Setting(
        "stress_sessions", in: path, .number(1...100), .defaulted(80),
        summary:
            "From so many percent of max_sessions on, slow sessions make room for good ones; 100: only when all are open.",
        consequence: """
            Under stress a session may be silent for stress_timeout only, must send 500 octets a second, and ends at its third \
            error. It is over below three quarters of that.
            """)

    static let stressTimeoutSetting = Setting(
        "stress_timeout", in: path, .duration(.seconds(1) ... .seconds(3_600)), .defaulted("10 s"),
        summary: "How long a session may be silent under stress before it is closed with 421.",
        consequence: "Its sender comes again later. Much less cuts off honest senders with slow lines.")
}
