public import MailModel
public import Spool

#if canImport(Glibc)
import Glibc
#endif

/// A target that is given fewer connections than it may have, since it is in trouble.
///
/// The replay that lowered them is another process than the one that is asked, so it keeps them in a file of the spool. Nothing
/// depends on that file; what a killed replay has left there is replaced by the next one.
public struct LoweredConnections: Hashable, Sendable {
    public var target: String
    public var connections: Int
    /// As many as there may be without trouble.
    public var allowed: Int
    public var since: Timestamp
    /// The last trouble.
    public var words: String

    /// What the last replay of the spool has noted, by target.
    public static func read(_ layout: SpoolLayout) -> [LoweredConnections] {
        guard let file = try? POSIXFileSystem().open(layout.replayConnections, .readOnly) else { return [] }
        var bytes = [UInt8](repeating: 0, count: octetsAtMost)
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0, at: 0) }) else { return [] }
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").compactMap(parse)
    }

    private static let octetsAtMost = 64 << 10

    private static func parse(_ line: Substring) -> LoweredConnections? {
        let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard words.count == 5, let connections = Int(words[1]), let allowed = Int(words[2]),
            let since = Timestamp(rfc3339: String(words[3]))
        else { return nil }
        return LoweredConnections(
            target: String(words[0]), connections: connections, allowed: allowed, since: since, words: String(words[4]))
    }

    fileprivate var line: String {
        let text = words.map { $0.isNewline ? " " : $0 }
        return "\(target) \(connections) \(allowed) \(since.rfc3339) \(String(text))\n"
    }
}

/// Keeps the note of one replay.
struct LoweredConnectionsNote {
    private let layout: SpoolLayout
    private var noted: [LoweredConnections]?

    init(layout: SpoolLayout) { self.layout = layout }

    /// Notes what has changed. Writes nothing where nothing has; what cannot be written is not worth a word beside the trouble itself.
    mutating func follow(_ environment: ReplayEnvironment) async throws {
        let lowered = environment.ceilings.lowered
        guard lowered != noted else { return }
        noted = lowered
        let path = layout.replayConnections
        let bytes = Array(lowered.map(\.line).joined().utf8)
        try await environment.blocking {
            guard !bytes.isEmpty else {
                unlink(path)
                return
            }
            let temporary = path + ".new"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
            guard descriptor >= 0 else { return }
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
            if written == bytes.count { rename(temporary, path) } else { unlink(temporary) }
        }
    }

    /// The replay is over: nothing is lowered any more. Asks the disk nothing where nothing was noted: it may be what hangs.
    func end(_ environment: ReplayEnvironment) async {
        guard noted?.isEmpty == false else { return }
        let path = layout.replayConnections
        _ = try? await environment.blocking { unlink(path) }
    }
}
