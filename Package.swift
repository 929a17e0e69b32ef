// swift-tools-version: 6.2
import PackageDescription

/// House rules for every target: imports say what they show, `any` is written out, a warning stops the build.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "layover",
    products: [.executable(name: "layover", targets: ["Layover"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    // In the order of a message's route.
    targets: [
        // Debian's libssl and libcrypto, so that security updates come from the distribution.
        .systemLibrary(name: "CLibSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        // The words of the domain: addresses, envelope, message id, byte count, enhanced status code.
        .target(name: "MailModel", swiftSettings: house),
        // Bytes to SMTP commands and back; the server session as a pure state machine.
        .target(name: "SMTPProtocol", dependencies: ["MailModel", nioCore], swiftSettings: house),
        // TLS and STARTTLS as NIO handlers over libssl's memory BIOs.
        .target(name: "SystemTLS", dependencies: ["CLibSSL", nioCore], swiftSettings: house),
        // The bytes on disk: segments, large files, journal; group commit and recovery.
        .target(name: "Spool", dependencies: ["MailModel", "CLibSSL"], swiftSettings: house),
        // Socket to spool: the MX service.
        .target(
            name: "Receiver",
            dependencies: [
                "MailModel", "SMTPProtocol", "SystemTLS", "Spool", nioCore, nioPosix, nioHTTP1, logging, lifecycle,
            ],
            swiftSettings: house),
        // The SQLite index, projected from the spool; every audit query.
        .target(name: "Ledger", dependencies: ["MailModel", "Spool", grdb, sqlite, logging], swiftSettings: house),
        // Bytes to IMAP responses and back; the APPEND dialogue as a pure state machine.
        .target(name: "IMAPProtocol", dependencies: ["MailModel", nioCore], swiftSettings: house),
        // Spool to mailbox: plan, lock, append, resolve doubt, verify, record.
        .target(
            name: "Replayer",
            dependencies: [
                "MailModel", "IMAPProtocol", "SystemTLS", "Spool", "Ledger", nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: house),
        // Web page, metrics, health.
        .target(
            name: "Console",
            dependencies: [
                "MailModel", "Spool", "Ledger", nioCore, logging, lifecycle,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: house),
        // The `layover` command: configuration, one file per verb, the list of services.
        .executableTarget(
            name: "Layover",
            dependencies: [
                "MailModel", "SMTPProtocol", "SystemTLS", "Spool", "Receiver", "Ledger", "IMAPProtocol", "Replayer",
                "Console",
                nioCore, nioPosix, logging, lifecycle, "TOMLKit",
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),

        // Shared doubles and real servers for the tests.
        .target(
            name: "TestKit", dependencies: ["MailModel", "Spool", nioCore, nioPosix], path: "Tests/TestKit",
            swiftSettings: house),
        .testTarget(name: "MailModelTests", dependencies: ["MailModel"], swiftSettings: house),
        .testTarget(name: "SpoolTests", dependencies: ["Spool", "MailModel", "TestKit"], swiftSettings: house),
        .testTarget(
            name: "SMTPProtocolTests", dependencies: ["SMTPProtocol", "MailModel", "TestKit", nioCore],
            exclude: ["Dialogues"], swiftSettings: house),
        .testTarget(
            name: "SystemTLSTests", dependencies: ["SystemTLS", "TestKit", nioCore, nioPosix, nioEmbedded],
            swiftSettings: house),
        .testTarget(
            name: "ReceiverTests",
            dependencies: [
                "Receiver", "SMTPProtocol", "SystemTLS", "Spool", "MailModel", "TestKit", nioCore, nioPosix,
                nioEmbedded, logging, lifecycle,
            ],
            swiftSettings: house),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "Spool", "MailModel", "TestKit", grdb], swiftSettings: house),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Console", "Ledger", "Spool", "MailModel", "TestKit", nioCore, logging, lifecycle,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "IMAPProtocolTests", dependencies: ["IMAPProtocol", "MailModel", "TestKit", nioCore],
            swiftSettings: house),
        .testTarget(
            name: "ReplayerTests",
            dependencies: [
                "Replayer", "IMAPProtocol", "SystemTLS", "Ledger", "Spool", "MailModel", "CLibSSL", "TestKit", nioCore,
                nioPosix,
                logging,
            ],
            swiftSettings: house),
        .testTarget(
            name: "LayoverTests",
            dependencies: [
                "Layover", "Ledger", "MailModel", "Receiver", "Replayer", "Spool", "TestKit", nioCore, nioPosix,
                logging,
            ],
            exclude: ["BrokenConfigurations"], swiftSettings: house),
        // The real binary over real sockets: it must be built before these run.
        .testTarget(name: "EndToEndTests", dependencies: ["Layover", "TestKit"], swiftSettings: house),
        // The house rules.
        .testTarget(name: "TidyTests", swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)
