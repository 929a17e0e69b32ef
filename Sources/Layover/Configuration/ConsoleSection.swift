/// `[console]`: the web page, the metrics and the health of the service.
struct ConsoleSection: Hashable, Sendable {
    let listen: ListenAddress

    init(_ reader: SectionReader) throws(ConfigurationError) {
        listen = try reader.value(Self.listenSetting)
    }
}

extension ConsoleSection {
    static let path = ["console"]

    static let options = [listenSetting.option]

    static let listenSetting = Setting(
        "listen", in: path, .listenAddress, .defaulted("127.0.0.1:8025"),
        summary: "The address and port of the console.",
        consequence: """
            The console shows addresses and subjects and asks for no password. On any address but a loopback one, \
            whoever reaches it can read them: put a proxy with a login in front instead.
            """)
}
