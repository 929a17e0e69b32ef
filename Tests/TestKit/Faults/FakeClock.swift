import Foundation

/// A wall clock that a test sets forth and back under a running program, by Debian's libfaketime.
public struct FakeClock: Sendable {
    private let file: URL

    private static let library: String? = ["x86_64", "aarch64"].map {
        "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1"
    }.first { FileManager.default.fileExists(atPath: $0) }

    public static var isAvailable: Bool { library != nil }

    /// A clock that goes right. Its setting is in a file of the site.
    public init(_ site: LayoverSite) throws {
        file = site.directory.appending(path: "clock")
        try set("+0")
    }

    /// `-2h`, `+400d`: how far from the truth it is from now on.
    public func set(_ offset: String) throws { try Data("\(offset)\n".utf8).write(to: file, options: .atomic) }

    /// What runs a program with this clock; its monotonic clock is left alone.
    public var wrapper: [String] {
        [
            "/usr/bin/env", "LD_PRELOAD=\(Self.library ?? "")", "FAKETIME_TIMESTAMP_FILE=\(file.path)",
            "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
    }
}
