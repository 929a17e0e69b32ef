/// Keeps what recovery cuts off.
struct TornEnd {
    let layout: SpoolLayout
    let fileSystem: any SpoolFileSystem

    /// Copies the bytes from `end` to `size` into `torn/`, then cuts them off and syncs that. Returns the copy's path.
    func cut(_ file: any SpoolFile, name: String, end: Int, size: Int) throws -> String {
        try fileSystem.createDirectory(layout.torn)
        let path = "\(layout.torn)/\(name).\(end)"
        let copy = try fileSystem.open(path, .readWrite)
        // An older torn end may have been cut off at the same place.
        try copy.truncate(to: 0)
        var offset = end
        while offset < size {
            let bytes = try file.read(min(1 << 20, size - offset), at: offset)
            guard !bytes.isEmpty else { break }
            try copy.write(bytes, at: offset - end)
            offset += bytes.count
        }
        // Bytes, name and directory of the copy are safe before the original goes.
        try copy.sync()
        try fileSystem.syncDirectory(layout.torn)
        try fileSystem.syncDirectory(layout.directory)
        try file.truncate(to: end)
        try file.sync()
        return path
    }
}
