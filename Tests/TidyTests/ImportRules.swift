/// Which modules each target may import: the table of the design. The order is the route of a message.
enum ImportRules {
    /// The standard library's own modules and the C library: in any target.
    static let everywhere: Set<String> = ["Swift", "Glibc", "Musl", "Synchronization", "Dispatch"]

    /// What only the targets that run on sockets may use.
    private static let running: Set<String> = ["NIOCore", "NIOPosix", "Logging", "ServiceLifecycle"]

    static let allowed: [String: Set<String>] = [
        "CLibSSL": [],
        "MailModel": [],
        "SMTPProtocol": ["MailModel", "NIOCore"],
        "IMAPProtocol": ["MailModel", "NIOCore"],
        "SystemTLS": ["CLibSSL", "NIOCore"],
        "Spool": ["MailModel", "CLibSSL"],
        // Foundation comes with GRDB's own interface.
        "Ledger": ["MailModel", "Spool", "GRDB", "GRDBSQLite", "Logging", "Foundation"],
        "Receiver": running.union(["MailModel", "SMTPProtocol", "SystemTLS", "Spool", "NIOHTTP1"]),
        "Replayer": running.union(["MailModel", "IMAPProtocol", "SystemTLS", "Spool", "Ledger"]),
        "Console": [
            "MailModel", "Spool", "Ledger", "Logging", "ServiceLifecycle", "Hummingbird", "HummingbirdCore",
            "HTTPTypes", "Mustache", "NIOCore",
            "Foundation",
        ],
        "Layover": running.union([
            "MailModel", "SMTPProtocol", "SystemTLS", "Spool", "Receiver", "Ledger", "IMAPProtocol", "Replayer",
            "Console", "ArgumentParser",
            "TOMLKit", "UnixSignals", "Foundation",
        ]),
    ]

    /// What must hold whatever the table says, so that a slip in the table is seen too.
    static let never: [(target: String, module: String)] = [
        ("Receiver", "Replayer"), ("Replayer", "Receiver"), ("Receiver", "Ledger"), ("Receiver", "GRDB"),
        ("Spool", "NIOCore"), ("Spool", "NIOPosix"), ("Spool", "GRDB"), ("Spool", "Hummingbird"),
        ("Spool", "Foundation"),
        ("SMTPProtocol", "NIOPosix"), ("SMTPProtocol", "Foundation"), ("IMAPProtocol", "NIOPosix"),
        ("IMAPProtocol", "Foundation"),
        ("Console", "Receiver"), ("Console", "Replayer"),
    ]

    static func isAllowed(_ module: String, in target: String) -> Bool {
        let isFoundation = module == "FoundationEssentials" && allowed[target]?.contains("Foundation") == true
        return everywhere.contains(module) || isFoundation || allowed[target]?.contains(module) == true
    }
}
