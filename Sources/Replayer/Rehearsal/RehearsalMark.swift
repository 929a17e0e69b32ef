import MailModel

/// Finds the run in the header line that copies of a rehearsal have.
enum RehearsalMark {
    private static let name = "x-layover-rehearsal:"

    /// The run in the first such line of a header; nil where there is none, or it is no id.
    static func run(in header: some Sequence<UInt8>) -> MessageID? {
        let lines = String(decoding: Array(header), as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.lowercased().hasPrefix(name) }) else { return nil }
        return MessageID(line.dropFirst(name.count).filter { $0 != " " && $0 != "\t" })
    }
}
