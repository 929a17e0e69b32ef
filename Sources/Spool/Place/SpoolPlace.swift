/// Whether a spool stands where it was made, or is a copy: restored from a backup, moved to another disk, taken along.
///
/// The file `placed` holds its own birth (inode and time), written when the journal was begun. In a copy the file has another
/// birth than it says, and in a backup of segments and journal alone there is none. What no file can tell (a snapshot of the whole
/// disk was put back) a person says: `touch SPOOL/restore`.
public struct SpoolPlace: Sendable {
    private let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem

    public init(layout: SpoolLayout, fileSystem: any SpoolFileSystem = POSIXFileSystem()) {
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// Why the spool must be taken for a copy; empty where nothing says so. A spool without a journal is new.
    public func findings() throws -> [String] {
        let names = Set(try fileSystem.list(layout.directory))
        var findings: [String] = []
        if names.contains(SpoolLayout.restoreName) {
            findings.append("a person says so (the file \(layout.restoreMarker))")
        }
        guard try !fileSystem.numbers(in: layout.journal, suffix: ".jnl").isEmpty else { return findings }
        if !names.contains(SpoolLayout.placedName) {
            findings.append("there is a journal and no file \(layout.placed): it was copied without it")
        } else if let birth = try fileSystem.birth(of: layout.placed), try recorded() != birth {
            findings.append("the file \(layout.placed) is a copy")
        }
        return findings
    }

    /// Says that the spool stands here from now on. Call it when what `findings` told is in the journal: a crash before it
    /// only tells it again.
    public func renew() throws {
        try place()
        if try fileSystem.list(layout.directory).contains(SpoolLayout.restoreName) {
            try fileSystem.remove(layout.restoreMarker)
            try fileSystem.syncDirectory(layout.directory)
        }
    }

    /// Before a journal is begun: from now on a copy can be told.
    func settle() throws {
        guard try fileSystem.birth(of: layout.directory) != nil,
            try !fileSystem.list(layout.directory).contains(SpoolLayout.placedName)
        else { return }
        try place()
    }

    /// Renaming keeps inode and birth.
    private func place() throws {
        let temporary = layout.placed + ".new"
        if try fileSystem.list(layout.directory).contains(SpoolLayout.placedName + ".new") {
            try fileSystem.remove(temporary)
        }
        let file = try fileSystem.open(temporary, .createNew)
        guard let birth = try fileSystem.birth(of: temporary) else { return }
        try file.write(Self.line(birth), at: 0)
        try file.sync()
        file.close()
        try fileSystem.rename(temporary, to: layout.placed)
        try fileSystem.syncDirectory(layout.directory)
    }

    /// Nil where the file holds nothing of the kind.
    private func recorded() throws -> FileBirth? {
        let bytes = try fileSystem.open(layout.placed, .readOnly).read(Self.maximumLength, at: 0)
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 4, words[0] == "inode", words[2] == "born", let inode = UInt64(words[1]),
            let time = Int64(words[3])
        else { return nil }
        return FileBirth(inode: inode, time: time)
    }

    private static let maximumLength = 128

    /// `inode <number> born <nanoseconds since 1970>`
    private static func line(_ birth: FileBirth) -> [UInt8] {
        Array("inode \(birth.inode) born \(birth.time)\n".utf8)
    }
}

extension SpoolLayout {
    static let placedName = "placed"
    static let restoreName = "restore"

    /// Says where the spool was made.
    public var placed: String { "\(directory)/\(Self.placedName)" }
    /// A person's word that the spool was brought back from somewhere.
    public var restoreMarker: String { "\(directory)/\(Self.restoreName)" }
}

extension LockName {
    /// Taking notice that the spool was restored.
    public static let place = LockName(fileName: "place")
}
