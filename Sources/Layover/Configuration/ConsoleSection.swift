/// `[console]`: the web page, the metrics and the health of the service.
struct ConsoleSection: Hashable, Sendable {
    let listen: ListenAddress

    init(_ reader: SectionReader) throws(ConfigurationError) {
        listen = try reader.value(Self.listenSetting)
        guard HostName.isLoopback(listen.host) else {
            throw reader.error(
                Self.listenSetting, "the console asks for no password and does not listen on \(listen.host)",
                remedy: "write \"127.0.0.1:8025\", and use ssh -L or a proxy with a login")
        }
    }
}

extension ConsoleSection {
    static let path = ["console"]

    static let options = [listenSetting.option]

    static let listenSetting = Setting(
        "listen", in: path, .listenAddress, .defaulted("127.0.0.1:8025"),
        summary: "The address and port of the console.",
        consequence: """
            The console shows addresses and errors and asks for no password, so it listens on a loopback address only: \
            reach it with `ssh -L`, or put a proxy with a login in front.
            """)
}
