public import MailModel

/// What became of the mail of mailboxes and waves, counted from the delivery rows in one snapshot.
public struct DeliveryReport: Hashable, Sendable {
    /// Deliveries that were refused for one reason.
    public struct Failure: Hashable, Sendable {
        /// `too-big`, `refused`, `breaks-connection`, `damaged`…
        public var errorClass: String
        /// The server's words.
        public var words: String
        public var count: Int
    }

    /// One mailbox, one wave, or everything.
    public struct Line: Hashable, Sendable {
        /// Empty for mailboxes that are in none.
        public var wave = ""
        /// The primary address; nil where several mailboxes are meant, or none.
        public var mailbox: String?
        public var target: String?
        /// As `roster list` says it, or `removed` for all mailboxes that have left the roster; else nil where several are meant.
        public var state: String?
        public var mailboxes = 0
        public var counts = DeliveryCounts()
        /// Of the verified: in a form that the server is known to make of it.
        public var normalised = 0
        /// Octets of the messages that are in the mailbox.
        public var deliveredBytes = 0
        /// When the first copy was delivered, and the last one delivered or verified.
        public var firstAt: Timestamp?
        public var lastAt: Timestamp?
        public var failures: [Failure] = []
        /// Why nothing can go into the mailbox now.
        public var block: MailboxBlock?

        static let removed = "removed"
        /// All mailboxes that have left the roster.
        public var isOfRemoved: Bool { state == Self.removed }
    }

    public var at: Timestamp
    /// By address; behind them, where everything is meant, one for what mailboxes were given that have left the roster, and one for
    /// mail that came for addresses that nobody has.
    public var mailboxes: [Line]
    /// By name.
    public var waves: [Line]
    public var total: Line
}

extension DeliveryReport.Line {
    mutating func add(_ state: DeliveryState, _ row: ReportRow) {
        counts.add(state, count: row.count, bytes: row.bytes, isDoubtful: row.isDoubtful)
        guard state == .delivered || state == .verified else { return }
        normalised += row.isNormalised ? row.count : 0
        deliveredBytes += row.bytes
        widen(row.firstAt, row.lastAt)
    }

    /// Takes another line's numbers in.
    mutating func add(_ other: DeliveryReport.Line) {
        mailboxes += other.mailboxes
        counts += other.counts
        normalised += other.normalised
        deliveredBytes += other.deliveredBytes
        widen(other.firstAt, other.lastAt)
        for failure in other.failures {
            let same = failures.firstIndex { $0.errorClass == failure.errorClass && $0.words == failure.words }
            if let same { failures[same].count += failure.count } else { failures.append(failure) }
        }
    }

    private mutating func widen(_ first: Timestamp?, _ last: Timestamp?) {
        firstAt = [firstAt, first].compactMap(\.self).min()
        lastAt = [lastAt, last].compactMap(\.self).max()
    }
}
