import Spool

/// How far the spool reaches, asked for only when the last segment has changed.
///
/// While no receiver runs, the Spool reads that segment to tell; once is enough.
struct SpoolEnd: Sendable {
    private var last: (name: String, size: Int, end: SpoolPosition)?

    mutating func position(layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws -> SpoolPosition {
        guard let name = try Self.lastSegment(layout: layout, fileSystem: fileSystem) else { return .start }
        let file = try fileSystem.open("\(layout.segments)/\(name)", .readOnly)
        defer { file.close() }
        let size = try file.size()
        if let last, last.name == name, last.size == size { return last.end }
        let end = try SpoolReader(layout: layout, fileSystem: fileSystem).stableEnd()
        last = (name, size, end)
        return end
    }

    /// Names are numbers of one width, so the last one is the greatest.
    private static func lastSegment(layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws -> String? {
        do {
            return try fileSystem.list(layout.segments).filter { $0.hasSuffix(".seg") }.max()
        } catch let error as SpoolError where error.code == .missing {
            return nil
        }
    }
}
