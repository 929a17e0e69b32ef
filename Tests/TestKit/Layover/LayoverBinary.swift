import Foundation

/// The `layover` that the tests run: `LAYOVER_BINARY`, else the one built beside the tests.
public enum LayoverBinary {
    public static func path() throws -> String {
        if let given = ProcessInfo.processInfo.environment["LAYOVER_BINARY"], !given.isEmpty {
            guard access(given, X_OK) == 0 else { throw TestFailure("LAYOVER_BINARY=\(given) cannot be run") }
            return given
        }
        let package = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates = [beside(), package.appending(path: ".build/debug").path].compactMap(\.self).map {
            $0 + "/layover"
        }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw TestFailure("no layover in \(candidates): run `swift build` first, or set LAYOVER_BINARY")
        }
        return found
    }

    /// The directory of the running test bundle.
    private static func beside() -> String? {
        guard let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        return URL(filePath: executable).deletingLastPathComponent().path
    }
}
