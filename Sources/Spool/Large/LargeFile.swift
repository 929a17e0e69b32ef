public import MailModel

/// The file of one large message while it arrives (Durability L1–L3).
///
/// All calls block and are made one after the other, off the event loops and off the writer's thread.
public final class LargeFile: Sendable {
    static let partSuffix = ".part"

    private let layout: SpoolLayout
    private let fileSystem: any SpoolFileSystem
    private let file: any SpoolFile
    private let path: String
    private let partPath: String

    /// L1. Creates `large/<id>.part`.
    public init(id: MessageID, layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws {
        self.layout = layout
        self.fileSystem = fileSystem
        path = layout.largeFile(id)
        partPath = path + Self.partSuffix
        file = try fileSystem.open(partPath, .createNew)
    }

    /// Whether this is the name of a file that has not arrived whole.
    static func isUnfinished(_ name: String) -> Bool {
        name.hasSuffix(partSuffix) && MessageID(String(name.dropLast(partSuffix.count))) != nil
    }

    /// Writes the next bytes; `offset` is how many came before.
    public func write(_ body: MessageBody, at offset: Int) throws {
        try file.write([body.bytes], at: offset)
    }

    /// Puts bytes and name on stable storage. After this the message still needs its record to be accepted.
    public func commit() throws {
        // L2. The bytes first: a name must never lead to bytes that a power cut can take.
        try file.sync()
        // L3. Then the name, and the directory that holds it.
        try fileSystem.rename(partPath, to: path)
        try fileSystem.syncDirectory(layout.large)
        file.close()
    }

    /// Removes what there is of it. The message was not accepted.
    public func abandon() {
        file.close()
        try? fileSystem.remove(partPath)
        try? fileSystem.remove(path)
    }
}

extension SpoolLayout {
    /// Where the bytes of a large message are.
    public func largeFile(_ id: MessageID) -> String { "\(large)/\(id)" }
}
