import MailModel

/// What stands in the directories of the spool and is no file of it: links, pipes, directories, other names. Nothing follows or
/// opens them.
struct SpoolAliens {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem

    /// Their paths, sorted.
    func paths() throws -> [String] {
        var paths: [String] = []
        for directory in [layout.segments, layout.large, layout.journal] {
            let regular = Set(try fileSystem.regularFiles(in: directory))
            paths += try fileSystem.list(directory).filter { !regular.contains($0) || !isOurs($0, in: directory) }
                .map { "\(directory)/\($0)" }
        }
        return paths.sorted()
    }

    private func isOurs(_ name: String, in directory: String) -> Bool {
        let path = "\(directory)/\(name)"
        switch directory {
        case layout.large: return MessageID(name) != nil || LargeFile.isUnfinished(name)
        case layout.journal: return SpoolLayout.number(in: name, suffix: ".jnl") != nil
        default:
            let segment =
                name.hasSuffix(SpoolLayout.replacementSuffix)
                ? String(name.dropLast(SpoolLayout.replacementSuffix.count)) : name
            return path == layout.committed || SpoolLayout.number(in: segment, suffix: ".seg") != nil
        }
    }
}
