import Foundation

/// The files of this repository.
enum Repository {
    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let sources = swiftFiles(under: "Sources")
    static let tests = swiftFiles(under: "Tests")
    static var everything: [SourceFile] { sources + tests }

    /// What lies at the top, without dotfiles and without what SwiftPM writes.
    static var topLevel: Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: top.path)) ?? []
        return Set(names.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" })
    }

    /// The text of a file; nil when it is not there.
    static func text(_ path: String) -> String? {
        try? String(contentsOf: top.appending(path: path), encoding: .utf8)
    }

    /// Every file under a folder, from the repository's top.
    static func paths(under folder: String) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: top.appending(path: folder).path) else { return [] }
        return found.compactMap { ($0 as? String).map { folder + "/" + $0 } }.sorted()
    }

    private static func swiftFiles(under folder: String) -> [SourceFile] {
        paths(under: folder).filter { $0.hasSuffix(".swift") }.compactMap { path in
            text(path).map { SourceFile(path: path, text: $0) }
        }
    }
}
