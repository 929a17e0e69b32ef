import Foundation

/// Where the files of this package lie that the tests read.
enum SourceTree {
    private static let layoverTests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static let brokenConfigurations = layoverTests.appending(path: "BrokenConfigurations")
    static let shippedConfiguration = layoverTests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "etc/layover.toml")
}
