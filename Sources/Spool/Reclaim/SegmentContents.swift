/// A segment read whole, with every digest: what must be known of it before any of its bytes go.
public struct SegmentContents: Sendable {
    public let number: Int
    /// Bytes of the file.
    public let size: Int
    /// In order, without the heads of the messages.
    public let messages: [SpooledMessage]

    /// What a look at the file has shown.
    public enum Outcome: Sendable {
        case sound(SegmentContents)
        /// Bytes are not what was written: nothing of such a segment is ever given back.
        case damaged(SpoolDamage)
        case missing
    }

    static func read(_ number: Int, layout: SpoolLayout, fileSystem: any SpoolFileSystem) throws -> Outcome {
        let path = layout.segment(number)
        guard let file = try fileSystem.openIfThere(path) else { return .missing }
        let size = try file.size()
        guard case .opened(let opened) = try SegmentOpening.open(file, size: size, number: number), opened.headerIsSound
        else {
            return .damaged(SpoolDamage(file: path, offset: 0, length: size, finding: "a damaged first line"))
        }
        var scanner = RecordScanner(
            file: file, nonce: opened.nonce, from: opened.firstRecord, end: size, verifiesMessages: true)
        var messages: [SpooledMessage] = []
        while let item = try scanner.next() {
            switch item {
            case .damage(let offset, let length, let finding, _):
                return .damaged(SpoolDamage(file: path, offset: offset, length: length, finding: finding))
            case .record(let record) where record.header.kind == .seal: continue
            case .record(let record):
                guard let message = try scanner.message(record, segment: number) else {
                    return .damaged(
                        SpoolDamage(
                            file: path, offset: record.offset, length: record.header.recordLength,
                            finding: "a record that makes no sense as a message"))
                }
                messages.append(message)
            }
        }
        return .sound(SegmentContents(number: number, size: size, messages: messages))
    }
}
