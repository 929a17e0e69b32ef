import MailModel

/// A place between two acts as the chain knows it: the number of the next act, and the chain before it.
struct JournalLink: Hashable {
    var sequence: UInt64
    var chain: SHA256Digest

    /// Before the journal's first act.
    static let first = JournalLink(sequence: 1, chain: .zero)

    init(sequence: UInt64, chain: SHA256Digest) {
        self.sequence = sequence
        self.chain = chain
    }

    /// What a journal file says it begins with.
    init(_ header: FileHeader) { self.init(sequence: header.sequence, chain: header.chain) }
}
